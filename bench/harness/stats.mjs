/** The middle of some numbers; the mean of the middle two of an even count. */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/** The value that a share of the numbers does not exceed (nearest rank). */
export function percentile(numbers, share) {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
}

/** How far the rounds lie apart, as a share of their median. */
export function spread(numbers) {
  return (Math.max(...numbers) - Math.min(...numbers)) / median(numbers)
}
