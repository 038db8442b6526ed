import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedStorage } from 'dure/embedded'
import { createHost } from 'dure/host'
import { childrenCpu } from '../harness/cpu.mjs'
import { closedLoop } from '../harness/load.mjs'
import { bankOnPostgres, createTables } from './by-hand-postgres.mjs'
import { accountOf, clientOf, depositInput, DEPOSITS, openInput } from './calls.mjs'
import { bank } from './model.mjs'

const COMMANDS = 3_000
const COLD_ACCOUNTS = 1_500
const COLD_EVENTS = 6
// At most three pools share the 40 connections of the embedded server.
const POOL = 12

/**
 * Durable commands on a real PostgreSQL: the embedded one, which all share, each in a schema of its own. `limit` reads
 * the events and appends by one statement, with who and why beside the event as Dure keeps them; `lean` leaves those out.
 * `best` remembers the accounts as Dure does. Cold: nothing is remembered yet.
 */
export const embeddedCases = [
  embeddedCase('embedded, create, 1 in flight', ['dure', 'limit', 'lean'], creating(1)),
  embeddedCase('embedded, change, cold, 1 in flight', ['dure', 'limit', 'lean'], cold(1), prepareCold),
  embeddedCase('embedded, change, 1 in flight', ['dure', 'limit', 'best'], changing(1)),
  embeddedCase(
    'embedded, change with an idempotency key, 1 in flight',
    ['dure', 'limit', 'best'],
    changing(1, true),
  ),
  embeddedCase('embedded, change, 16 in flight', ['dure', 'limit', 'best'], changing(16)),
]

function embeddedCase(name, contestants, run, prepare = async () => undefined) {
  return {
    name,
    unit: 'commands/s',
    async open() {
      const folder = mkdtempSync(join(tmpdir(), 'dure-bench-'))
      const storage = await embeddedStorage({ directory: join(folder, 'postgres'), poolSize: POOL })
      const all = {
        dure: () => dureOn(storage),
        limit: () => byHand(storage, { schema: 'by_hand' }),
        lean: () => byHand(storage, { schema: 'by_hand_lean', lean: true }),
        best: () => byHand(storage, { schema: 'by_hand_best', remembers: true }),
      }
      const kinds = Object.fromEntries(contestants.map((kind) => [kind, all[kind]()]))
      for (const [kind, it] of Object.entries(kinds)) {
        if (kind !== 'dure') await createTables(storage.connection, it.settings)
        await it.renew()
        await prepare(it)
        // Connections are made and statements planned before the first round; the code is compiled, too.
        await run(it)
        await run(it)
      }
      return {
        contestants: Object.fromEntries(Object.entries(kinds).map(([kind, it]) => [kind, () => run(it)])),
        async close() {
          for (const it of Object.values(kinds)) await it.close()
          await storage.close()
          rmSync(folder, { recursive: true, force: true })
        },
      }
    },
  }
}

// Both kinds can be renewed: then they remember nothing, while what they have stored stays.

function dureOn(storage) {
  const kept = { ...storage, close: async () => undefined }
  let host
  return {
    at: 0,
    async renew() {
      await host?.close()
      host = await createHost(bank, { storage: kept })
      Object.assign(this, clientOf(host.application))
    },
    close: () => host.close(),
  }
}

function byHand(storage, settings) {
  let made
  return {
    at: 0,
    settings,
    async renew() {
      made ??= bankOnPostgres(storage.connection, { poolSize: POOL, ...settings })
      made.forget()
      Object.assign(this, { open: made.open, deposit: made.deposit })
    },
    close: () => made.close(),
  }
}

function creating(width) {
  return async (it) => {
    const from = it.at
    it.at += COMMANDS
    return closedLoop((i) => it.open(openInput(from + i)), { count: COMMANDS, width, otherCpu: childrenCpu })
  }
}

function changing(width, keyed = false) {
  return async (it) => {
    const accounts = COMMANDS / DEPOSITS
    const from = it.at
    it.at += accounts
    await closedLoop((i) => it.open(openInput(from + i)), { count: accounts, width: 16 })
    const deposit = (i) =>
      it.deposit(
        { ...depositInput(i, accounts), id: accountOf(from + (i % accounts)) },
        keyed ? `key ${from} ${i}` : undefined,
      )
    return closedLoop(deposit, { count: COMMANDS, width, otherCpu: childrenCpu })
  }
}

async function prepareCold(it) {
  const [count, width] = [COLD_ACCOUNTS, 16]
  await closedLoop((i) => it.open(openInput(i)), { count, width })
  const deposit = (i) => it.deposit(depositInput(i, COLD_ACCOUNTS))
  await closedLoop(deposit, { count: (COLD_EVENTS - 1) * count, width })
}

/** One command for each account, so each is met for the first time. */
function cold(width) {
  return async (it) => {
    await it.renew()
    const count = COLD_ACCOUNTS
    return closedLoop((i) => it.deposit(depositInput(i, count)), { count, width, otherCpu: childrenCpu })
  }
}
