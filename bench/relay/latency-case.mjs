import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from '../harness/stats.mjs'
import { openByHand } from './by-hand/service.mjs'
import { openHost } from './dure.mjs'
import { METERS } from './readings.mjs'
import { openServers } from './servers.mjs'
import { stopwatch } from './stopwatch.mjs'

const RATE = 1_000
const READINGS = 4_000
const PATIENCE_MS = 20_000

/**
 * 1000 commits a second, and how long each event is under way: from the commit's acknowledgement to where the consumer of
 * another context is called with it, over PostgreSQL, relay, broker and back. Everything runs in one process. The consumer
 * stores a row and what it has handled, as both do.
 */
export const latencyCase = {
  name: 'latency, 1000 commits/s',
  unit: 'events/s',
  async open() {
    const servers = await openServers()
    const opened = new Map()
    const end = async () => {
      for (const { it } of opened.values()) await it.close()
      await servers.close()
    }
    try {
      for (const [name, open] of Object.entries(contestants)) {
        const arrivals = new Map()
        const heard = (reading) => void (arrivals.has(reading) || arrivals.set(reading, performance.now()))
        opened.set(name, { it: await open(servers, heard), arrivals, next: 0 })
      }
      for (const each of opened.values()) await round(each)
    } catch (error) {
      await end()
      throw error
    }
    return {
      contestants: Object.fromEntries([...opened].map(([name, each]) => [name, () => round(each)])),
      async close() {
        try {
          for (const { it, next } of opened.values())
            await servers.broker.prove(await it.stream(), next, true)
        } finally {
          await end()
        }
      },
    }
  },
}

const contestants = {
  limit: (servers, heard) => openByHand(servers, { schema: 'by_hand', heard }),
  async dure(servers, heard) {
    const it = await openHost(servers, { name: 'Metering', heard })
    return {
      measure: (reading) => (reading < METERS ? it.install(reading) : it.measure(reading)),
      stream: it.stream,
      close: it.close,
    }
  },
}

async function round(each) {
  const from = each.next
  each.next += READINGS
  const committed = new Float64Array(READINGS)
  const watch = stopwatch()
  watch.start()
  await atRate(READINGS, async (i) => {
    await each.it.measure(from + i)
    committed[i] = performance.now()
  })
  for (const until = performance.now() + PATIENCE_MS; each.arrivals.size < READINGS; await sleep(1)) {
    if (performance.now() < until) continue
    throw new Error(`${READINGS - each.arrivals.size} of ${READINGS} events have not arrived`)
  }
  watch.stop()
  // An event can be there before whoever waits for its commit gets his turn.
  const took = committed.map((at, i) => Math.max(0, each.arrivals.get(from + i) - at))
  each.arrivals.clear()
  return { ...watch.result(READINGS), p50: percentile(took, 0.5), p99: percentile(took, 0.99) }
}

/** Calls `operation` so often at the rate, whether or not those before are done; resolves when all are. */
async function atRate(count, operation) {
  const from = performance.now()
  const running = []
  while (running.length < count) {
    const due = Math.min(count, Math.floor(((performance.now() - from) / 1000) * RATE) + 1)
    while (running.length < due) running.push(operation(running.length))
    await sleep(1)
  }
  await Promise.all(running)
}
