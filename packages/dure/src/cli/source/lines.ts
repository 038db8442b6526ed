/** Where the lines of a text start. */
export function lineStarts(text: string): readonly number[] {
  return [0, ...Array.from(text.matchAll(/\n/g), (it) => it.index + 1)]
}

/** The line of a place in a text, the first being 1. */
export function lineOf(starts: readonly number[], at: number): number {
  return starts.findLastIndex((start) => start <= at) + 1
}
