/** Who empties a log into the broker, each loaded only when it does. */
export const drainers = {
  limit: async (servers) => (await import('./by-hand/drain.mjs')).openLimit(servers),
  lean: async (servers) => (await import('./by-hand/drain.mjs')).openLean(servers),
  dure: async (servers) => (await import('./dure.mjs')).openDure(servers),
  emmett: async (servers) => (await import('./peers/emmett.mjs')).openEmmett(servers),
  'pg-boss': async (servers) => (await import('./peers/pg-boss.mjs')).openPgBoss(servers),
  'graphile-worker': async (servers) =>
    (await import('./peers/graphile-worker.mjs')).openGraphileWorker(servers),
}
