/** What a model throws can be anything, also what cannot be turned into a text. */
export function reasonOf(why: unknown): string {
  try {
    return String(why instanceof Error ? why.message : why)
  } catch {
    return 'what was thrown cannot be told'
  }
}
