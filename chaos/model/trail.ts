/**
 * A number that follows from marks in their order: two trails are equal only where nothing is missing, twice or elsewhere
 * in line. (FNV-1a over the mark, from the trail so far.)
 */
export function trailed(trail: number, mark: string): number {
  let hash = (trail ^ 0x811c9dc5) >>> 0
  for (let i = 0; i < mark.length; i++) hash = Math.imul(hash ^ mark.charCodeAt(i), 0x01000193) >>> 0
  return hash
}
