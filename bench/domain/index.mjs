import { memoryCases } from './memory.mjs'

/** Commands of one context: in memory, on a real PostgreSQL, behind HTTP; the start of a system; what its types cost. */
export async function domain() {
  return memoryCases
}
