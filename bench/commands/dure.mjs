import { createHost, systemWorld } from 'dure/host'
import { accountOf, pastOf } from './calls.mjs'
import { Account, bankNamed } from './model.mjs'

/** Dure, which remembers every account that has been warmed. */
export const openDure = (server) => open(server, 'Bank', 100_000)

/** Dure that remembers nothing, as for accounts that this process has not seen lately. */
export const openCold = (server) => open(server, 'Cold', 0)

async function open({ storage }, name, remember) {
  // The storage is shared, and closed by whoever opened it.
  const kept = { ...storage, close: async () => undefined }
  const host = await createHost(bankNamed(name), { storage: kept, remember })
  const store = await storage.openContext(name)
  const accounts = host.repository(Account, { actor: 'bench' })
  const s = name.toLowerCase()

  return {
    facts: { streams: `${s}.streams`, events: `${s}.events`, id: 'id' },
    async seed(from, count) {
      for (let at = from; at < from + count; at += 500) {
        const ids = Array.from({ length: Math.min(500, from + count - at) }, (_, i) => at + i)
        await Promise.all(ids.map((i) => store.commit(past(i))))
      }
    },
    async warm(from, count) {
      if (remember === 0) return
      for (let at = from; at < from + count; at += 500) {
        const ids = Array.from({ length: Math.min(500, from + count - at) }, (_, i) => accountOf(at + i))
        await Promise.all(ids.map((id) => accounts.load(id)))
      }
    },
    async deposit(i, input) {
      const id = systemWorld.newId()
      const envelope = { id, actor: 'bench', tenant: '', correlation: id }
      const call = { context: name, command: 'deposit', input: { id: accountOf(i), ...input }, envelope }
      const reply = await host.application.command(call)
      if (!reply.ok) throw new Error(`deposit was rejected: ${reply.rejected}`)
      return reply.version
    },
    async close() {
      await store.close()
      await host.close()
    },
  }
}

const past = (i) => ({
  at: new Date(),
  meta: { command: 'c', actor: 'bench', correlation: 'c' },
  appends: [
    {
      stream: { tenant: '', aggregate: 'Account', id: accountOf(i) },
      expected: 0,
      events: pastOf(i).map((it) => ({ ...it, schema: 1 })),
      ends: false,
    },
  ],
})
