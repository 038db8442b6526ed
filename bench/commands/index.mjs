import { postgresStorage } from 'dure/postgres'
import { childrenCpu } from '../harness/cpu.mjs'
import { closedLoop } from '../harness/load.mjs'
import { depositOf, EVENTS } from './calls.mjs'
import { settle, startPostgres } from '../servers/postgres.mjs'
import { whyNoSlowFlush } from '../servers/slow-flush.mjs'
import { connect, POOL } from './connect.mjs'
import { contestants } from './contestants.mjs'
import { proveStored } from './prove.mjs'

const WARM_UP_MS = 2_500
/** Each command is for another account, which has ten events. */
const COMMANDS = { 1: 1_500, 16: 4_000, 64: 6_000 }

const warm = ['limit', 'best', 'dure']
const cold = { limit: 'limit', dure: 'cold', emmett: 'emmett', nest: 'nest' }
const slowly = { limit: 'limit', best: 'best', dure: 'dure', cold: 'cold', emmett: 'emmett', nest: 'nest' }
/** How much longer a flush takes in the cases that are about it: about what a disk over a network needs. */
const FLUSH_MS = 1

/**
 * Durable commands on accounts of ten events, on a real PostgreSQL: load, decide, append. Warm: Dure and `best` have the
 * accounts in memory. Cold: Dure reads their events, as `limit` always does.
 * Slow flush: each flush of the log to disk takes a millisecond longer; what "dure" is there has them in memory.
 */
export async function commands() {
  const named = Object.fromEntries(warm.map((name) => [name, name]))
  const quick = [1, 16, 64].flatMap((width) => [
    commandCase(`warm c=${width}`, named, width),
    commandCase(`cold c=${width}`, cold, width),
  ])
  const why = await whyNoSlowFlush()
  if (why !== undefined) process.stderr.write(`commands: the cases with a slow flush are left out: ${why}\n`)
  const slow = why === undefined ? [16, 64] : []
  return [
    ...quick,
    ...slow.map((width) =>
      commandCase(`slow flush c=${width}`, slowly, width, { flushMs: FLUSH_MS, rounds: 5 }),
    ),
  ]
}

function commandCase(name, who, width, { flushMs, rounds } = {}) {
  return { name, unit: 'commands/s', rounds, open: () => onServer(who, width, flushMs) }
}

async function onServer(who, width, flushMs) {
  const server = await startPostgres({ flushMs })
  const { connection } = server
  // One connection more, because one is taken for hearing of other processes.
  const storage = postgresStorage({ pool: connect(connection, POOL + 1), ownsPool: true })
  const opened = new Map()
  const end = async () => {
    for (const { it } of opened.values()) await it.close()
    await storage.close()
    await server.close()
  }
  const proveAll = async () => {
    for (const [name, { it, done }] of opened) await proveStored(connection, name, it.facts, done)
  }
  try {
    for (const [name, contestant] of Object.entries(who)) {
      const it = await contestants[contestant]({ connection, storage })
      opened.set(name, { it, done: { seeded: 0, acknowledged: 0 } })
    }
    for (const each of opened.values()) await warmUp(each, width)
    await settle(connection)
    await proveAll()
  } catch (error) {
    await end()
    throw error
  }
  return {
    contestants: Object.fromEntries([...opened].map(([name, each]) => [name, () => round(each, width)])),
    async close() {
      try {
        await proveAll()
      } finally {
        await end()
      }
    },
  }
}

async function round({ it, done }, width) {
  const count = Math.round(COMMANDS[width] * (it.share ?? 1))
  const from = done.seeded
  await it.seed(from, count)
  done.seeded += count
  await it.warm(from, count)
  const deposit = async (i) => {
    const version = await it.deposit(from + i, depositOf(from + i, EVENTS))
    if (version !== EVENTS + 1) throw new Error(`an account is at version ${version}`)
    done.acknowledged++
  }
  return closedLoop(deposit, { count, width, otherCpu: childrenCpu })
}

/** Connections are made and statements planned before the first round, and the code is compiled. */
async function warmUp(each, width) {
  const until = performance.now() + WARM_UP_MS
  do await round(each, width)
  while (performance.now() < until)
}
