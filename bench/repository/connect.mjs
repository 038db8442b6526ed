import pg from 'pg'

/** Connections that each contestant has: four pools share the 40 of the embedded server. */
export const POOL = 8

/** Leaves each value the text that the server sent. */
export const raw = { getTypeParser: () => (text) => text }

/** A pool of our own on the embedded server. */
export function connect(connection, max = POOL) {
  const pool = new pg.Pool({ ...connection, max, ssl: false, password: '' })
  // A connection that is still being closed hears that the server stops.
  pool.on('error', () => undefined)
  return pool
}
