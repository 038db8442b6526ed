import { embeddedCases } from './embedded.mjs'
import { httpCases } from './http.mjs'
import { memoryCases } from './memory.mjs'
import { startCases } from './start.mjs'
import { typesCases } from './types.mjs'

/** Commands of one context: in memory, on a real PostgreSQL, behind HTTP; the start of a system; what its types cost. */
export async function domain() {
  return [...memoryCases, ...embeddedCases, ...httpCases, ...startCases, ...typesCases]
}
