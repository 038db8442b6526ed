/** The name that was probably meant: at most a third of its letters differ; undefined when none is close. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Infinity
  for (const it of names) {
    const distance = editDistance(name.toLowerCase(), it.toLowerCase())
    if (distance < least && distance <= Math.max(1, Math.floor(it.length / 3))) {
      best = it
      least = distance
    }
  }
  return best
}

// Optimal string alignment: two swapped letters, the commonest slip, count once.
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      row[j] = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, at(previous, j - 1) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) row[j] = Math.min(at(row, j), at(before, j - 2) + 1)
    }
    before = previous
    previous = row
  }
  return at(previous, b.length)
}

const at = (row: readonly number[], index: number): number => row[index] as number
