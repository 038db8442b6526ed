import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedStorage } from 'dure/embedded'
import { createHost } from 'dure/host'
import { childrenCpu } from '../harness/cpu.mjs'
import { closedLoop } from '../harness/load.mjs'
import { bankOnPostgres } from './by-hand-postgres.mjs'
import { accountOf, clientOf, depositInput, DEPOSITS, openInput } from './calls.mjs'
import { bank } from './model.mjs'

const COMMANDS = 3_000
const POOL = 20
const unit = 'commands/s'

/** Durable commands on a real PostgreSQL: the embedded one, which both sides share, each in schemas of its own. */
export const embeddedCases = [
  embeddedCase('embedded, create, 1 in flight', creating(1)),
  embeddedCase('embedded, change, 1 in flight', changing(1)),
  embeddedCase('embedded, change with an idempotency key, 1 in flight', changing(1, true)),
  embeddedCase('embedded, change, 16 in flight', changing(16)),
]

function embeddedCase(name, run) {
  return {
    name,
    unit,
    async open() {
      const folder = mkdtempSync(join(tmpdir(), 'dure-bench-'))
      const storage = await embeddedStorage({ directory: join(folder, 'postgres'), poolSize: POOL })
      const host = await createHost(bank, { storage })
      const byHand = await bankOnPostgres(storage.connection, POOL)
      const used = { dure: { at: 0, ...clientOf(host.application) }, limit: { at: 0, ...byHand } }
      // Connections are made and statements planned before the first round; the code is compiled, too.
      for (const it of Object.values(used)) await run(it)
      return {
        contestants: { dure: () => run(used.dure), limit: () => run(used.limit) },
        async close() {
          await byHand.close()
          await host.close()
          rmSync(folder, { recursive: true, force: true })
        },
      }
    },
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
