import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { settle } from '../servers/postgres.mjs'
import { drainers } from './contestants.mjs'
import { openServers } from './servers.mjs'
import { stopwatch } from './stopwatch.mjs'

/** How many events wait for whom: for those who take longer fewer, so that rounds are of like length. */
const WAITING = {
  limit: 60_000,
  lean: 60_000,
  dure: 60_000,
  emmett: 3_000,
  'pg-boss': 10_000,
  'graphile-worker': 10_000,
}
/** Long for any of them: one that has stopped must not hold up the others for ever. */
const PATIENCE_MS = 90_000

/**
 * Events of 170 bytes wait in the log of a context on PostgreSQL; one relay publishes them, until the broker has
 * acknowledged all. `limit` says of each event as much as Dure does; `lean` only what has happened. Job queues have a job
 * for each event.
 */
export const drainCase = {
  name: 'drain',
  unit: 'events/s',
  rounds: 5,
  async open() {
    const servers = await openServers()
    const opened = new Map()
    const end = async () => {
      for (const it of opened.values()) await it.close()
      await servers.close()
    }
    try {
      for (const [name, open] of Object.entries(drainers)) {
        const it = await open(servers)
        opened.set(name, it)
        await it.fill?.(WAITING[name])
      }
      await settle(servers.postgres.connection)
      for (const [name, it] of opened) {
        await round(servers, it, WAITING[name])
        await prove(servers, it, WAITING[name])
      }
    } catch (error) {
      await end()
      throw error
    }
    const rounds = [...opened].map(([name, it]) => [name, () => round(servers, it, WAITING[name])])
    return {
      contestants: Object.fromEntries(rounds),
      async close() {
        try {
          for (const [name, it] of opened) await prove(servers, it, WAITING[name])
        } finally {
          await end()
        }
      },
    }
  },
}

async function round({ broker }, it, count) {
  await it.renew(count)
  const watch = stopwatch()
  const late = new AbortController()
  await Promise.race([
    it.drain(count, watch),
    sleep(PATIENCE_MS, undefined, { signal: late.signal }).then(() => assert.fail('the relay has stopped')),
  ])
  late.abort()
  const stream = await it.stream()
  assert.equal(await broker.count(stream), count, `${stream}: messages in the stream`)
  return watch.result(count)
}

/** What the stream holds after the last round. */
async function prove({ broker }, it, count) {
  await broker.prove(await it.stream(), count, it.ordered)
}
