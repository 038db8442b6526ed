/**
 * Who takes part, by name; each in a file of its own that is loaded only when it does. A contestant is a function that is
 * given `{ connection, storage }` of the shared server and returns
 * - `seed(from, count)`: stores accounts with their ten events,
 * - `warm(from, count)`: loads them into memory, where it has any,
 * - `deposit(i, input)`: the command, resolved with the account's new version once it is durable,
 * - `facts`: the names of its tables of streams and of events, and of the column of the stream's id in the latter,
 * - `share`: of a round's commands, for one that would take long,
 * - `close()`.
 */
export const contestants = {
  limit: async (server) => (await import('./by-hand.mjs')).openLimit(server),
  best: async (server) => (await import('./best.mjs')).openBest(server),
  dure: async (server) => (await import('./dure.mjs')).openDure(server),
  cold: async (server) => (await import('./dure.mjs')).openCold(server),
  emmett: async (server) => (await import('./peers/emmett.mjs')).openEmmett(server),
  nest: async (server) => (await import('./peers/nest.mjs')).openNest(server),
}
