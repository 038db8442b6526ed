import { eventCases } from './event-cases.mjs'
import { stateCases } from './state-cases.mjs'

/** Repositories on a real PostgreSQL: an order of 20 lines kept as state and as events, beside plain SQL and other mappers. */
export async function repository() {
  return [...stateCases, ...eventCases]
}
