import type { Source } from '../source.ts'

type Lineage = Pick<Source, 'epoch' | 'epochs'>

/**
 * The last position that an epoch shares with the log as it is now: every one, for the present epoch; undefined for an
 * epoch that the log does not know.
 */
export function sharedUpTo({ epoch, epochs }: Lineage, of: string): number | undefined {
  if (of === epoch) return Number.MAX_SAFE_INTEGER
  const at = epochs.findIndex((it) => it.epoch === of)
  return at < 0 ? undefined : Math.min(...epochs.slice(at + 1).map((it) => it.began), Number.MAX_SAFE_INTEGER)
}

/** The epoch in which the event at a position was written. */
export function epochAt({ epoch, epochs }: Lineage, position: number): string {
  return epochs.findLast((it) => it.began < position)?.epoch ?? epoch
}

/**
 * Whether a place in the log is known to be gone: of an earlier epoch, and after what survived of it. Nobody is to wait for
 * it. A place of an epoch that is not known (yet) is not: it may be newer than what this process has heard of.
 */
export function isLost(
  lineage: Lineage,
  place: { readonly epoch: string; readonly position: number },
): boolean {
  const shared = sharedUpTo(lineage, place.epoch)
  return shared !== undefined && place.position > shared
}
