import { setTimeout as sleep } from 'node:timers/promises'
import { childrenCpu } from '../harness/cpu.mjs'
import { closedLoop } from '../harness/load.mjs'
import { openByHand } from './by-hand/service.mjs'
import { openHost } from './dure.mjs'
import { relayElsewhere } from './elsewhere.mjs'
import { METERS } from './readings.mjs'
import { openServers } from './servers.mjs'

const WIDTH = 16
const READINGS = 10_000
const PATIENCE_MS = 30_000

/**
 * What the relay costs those who write: 16 writers, each of one event after the other, alone or while a relay publishes what
 * they write: in the same process, or elsewhere, in a process of its own that they have to wake. What it takes of the
 * machine's cores is part of it. Dure and code by hand are cases of their own: each is held against itself without a relay.
 */
export const writersCases = [
  writersCase('writers, 16 in flight, by hand', {
    alone: (servers) => openByHand(servers, { schema: 'alone', relayed: false }),
    relayed: (servers) => openByHand(servers, { schema: 'relayed' }),
  }),
  writersCase('writers, 16 in flight, dure', {
    alone: (servers) => openDure(servers, 'Alone', false),
    relayed: (servers) => openDure(servers, 'Relayed', true),
    elsewhere: async (servers) => {
      const relay = await relayElsewhere(servers, 'Elsewhere')
      const it = await openDure(servers, 'Elsewhere', true)
      return {
        ...it,
        close: async () => {
          await it.close()
          await relay.close()
        },
      }
    },
  }),
]

function writersCase(name, contestants) {
  return {
    name,
    unit: 'events/s',
    base: 'alone',
    async open() {
      const servers = await openServers()
      const opened = new Map()
      const end = async () => {
        for (const { it } of opened.values()) await it.close()
        await servers.close()
      }
      try {
        for (const [kind, open] of Object.entries(contestants)) {
          opened.set(kind, { it: await open(servers), next: 0, relayed: kind !== 'alone' })
        }
        for (const each of opened.values()) await round(each)
      } catch (error) {
        await end()
        throw error
      }
      return {
        contestants: Object.fromEntries([...opened].map(([kind, each]) => [kind, () => round(each)])),
        async close() {
          try {
            for (const { it, next, relayed } of opened.values()) {
              if (relayed) await servers.broker.prove(await it.stream(), next, true)
            }
          } finally {
            await end()
          }
        },
      }
    },
  }
}

async function round(each) {
  const from = each.next
  each.next += READINGS
  const measure = (i) => each.it.measure(from + i)
  const result = await closedLoop(measure, { count: READINGS, width: WIDTH, otherCpu: childrenCpu })
  if (!each.relayed) return result
  // What is left must not run into the next round.
  const until = performance.now() + PATIENCE_MS
  for (let left = READINGS; left > 0; left = each.next - (await each.it.published())) {
    if (performance.now() > until) throw new Error(`${left} events have not been published`)
    await sleep(5)
  }
  return result
}

async function openDure(servers, name, bus) {
  const it = await openHost(servers, { name, bus })
  return {
    measure: (reading) => (reading < METERS ? it.install(reading) : it.measure(reading)),
    published: async () => servers.broker.count(await it.stream()),
    stream: it.stream,
    close: it.close,
  }
}
