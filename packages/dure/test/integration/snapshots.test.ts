import { expect, it } from 'vitest'
import * as z from 'zod'
import { aggregate, context, contract, event, system, type Id } from 'dure'
import { asEvents } from 'dure/persistence'
import type { Storage, StreamHistory } from 'dure/ports'
import { eachStore } from '../fixtures/each-way.ts'
import { overriding } from '../fixtures/overriding.ts'
import { codeOf, keptOpen, running } from '../fixtures/running.ts'

const Opened = event('Opened', { name: z.string() })
const Added = event('Added', { n: z.int() })
const shape = { state: { name: z.string(), sum: z.int() }, events: { Opened, Added } }

const ledgerOf = (fold: (sum: number, n: number) => number) =>
  aggregate('Ledger', shape)
    .starts({ Opened: ({ name }) => ({ name, sum: 0 }) })
    .evolves({ Added: (it, { n }) => ({ ...it, sum: fold(it.sum, n) }) })
    .factory('open', { name: z.string() }, (input, { emit }) => emit.Opened(input), { id: (it) => it.name })
    .command('add', { n: z.int(), times: z.int() }, (_, { n, times }, { emit }) =>
      Array.from({ length: times }, () => emit.Added({ n })),
    )

const Ledger = ledgerOf((sum, n) => sum + n)
const Ledgers = contract('Ledgers', { commands: { add: { id: z.string(), n: z.int(), times: z.int() } } })
const systemOf = (it: typeof Ledger) =>
  system('Ledgers', {
    contexts: [context(Ledgers, [it]).implements({ commands: { add: it.commands.add } })],
  })

const id = 'l' as Id<'Ledger'>
const speaker = { actor: 'x' }

/** Tells how each load went: how many events it read, and whether it began with a snapshot. */
function watched(storage: Storage): { storage: Storage; loads: StreamHistory[] } {
  const loads: StreamHistory[] = []
  const watching = overriding(storage, (store) => ({
    async readHistory(...it) {
      const history = await store.readHistory(...it)
      loads.push(history)
      return history
    },
  }))
  return { storage: watching, loads }
}

const every = (n: number, it = Ledger) => [asEvents(it, { snapshots: { every: n } })]

async function ledger(storage: Storage, persistence = every(50), model = Ledger) {
  const it = await running(systemOf(model), storage, persistence)
  return { ...it, all: it.host.repository(model, speaker) }
}

async function filled(storage: Storage, adds: number, persistence = every(50)): Promise<void> {
  const it = await ledger(storage, persistence)
  const made = it.all.create.open({ name: id })
  if (made.ok) await it.all.save(made.next)
  for (let i = 0; i < adds; i++) await it.command('Ledgers.add', { id, n: i, times: 10 })
  await it.host.close()
}

eachStore('snapshots', (_, open) => {
  it('a long stream is loaded from the newest, whatever its length', async () => {
    const { storage, loads } = watched(keptOpen(open()))
    await filled(storage, 60)
    loads.length = 0
    const it = await ledger(storage)
    const found = await it.all.load(id)
    expect(found).toMatchObject({ version: 601, state: { sum: 10 * ((59 * 60) / 2) } })
    expect(loads).toHaveLength(1)
    expect(loads[0]?.baseline?.version).toBeGreaterThan(540)
    expect(loads[0]?.events.length).toBeLessThan(60)
    expect(await it.command('Ledgers.add', { id, n: 1, times: 1 })).toMatchObject({ ok: true, version: 602 })
    await it.host.close()
  })

  it('one is kept after a long load too; never, there is none', async () => {
    const { storage, loads } = watched(keptOpen(open()))
    await filled(storage, 60, [asEvents(Ledger, { snapshots: 'never' })])
    const measured = await ledger(storage, [])
    await measured.all.load(id)
    await measured.command('Ledgers.add', { id, n: 1, times: 1 })
    await measured.host.close()
    loads.length = 0
    const it = await ledger(storage, [])
    expect(await it.all.load(id)).toMatchObject({ version: 602 })
    expect(loads.at(-1)?.events.length).toBeLessThan(3)
    await it.host.close()
    const never = await ledger(storage, [asEvents(Ledger, { snapshots: 'never' })])
    expect(await never.all.load(id)).toMatchObject({ version: 602, state: { sum: 10 * ((59 * 60) / 2) + 1 } })
    await never.host.close()
  })

  it('one that another fold has made is passed over, and made anew', async () => {
    const { storage, loads } = watched(keptOpen(open()))
    await filled(storage, 20)
    loads.length = 0
    const other = ledgerOf((sum, n) => Math.max(sum, n))
    // The handler calls what differs, which its text does not show: so the revision says it.
    const it = await ledger(storage, [asEvents(other, { snapshots: { every: 50 }, revision: 1 })], other)
    expect(await it.all.load(id)).toMatchObject({ version: 201, state: { sum: 19 } })
    expect(loads[0]?.baseline).toBeUndefined()
    await it.command('Ledgers.add', { id, n: 40, times: 1 })
    await it.host.close()
    loads.length = 0
    const again = await ledger(storage, [asEvents(other, { revision: 1 })], other)
    expect(await again.all.load(id)).toMatchObject({ version: 202, state: { sum: 40 } })
    expect(loads[0]?.baseline?.version).toBeGreaterThan(200)
    await again.host.close()
  })

  it('is only a place to begin: what is decided on a stale one conflicts', async () => {
    const storage = keptOpen(open())
    await filled(storage, 20)
    const [one, other] = [await ledger(storage), await ledger(storage)]
    const [a, b] = [await one.all.load(id), await other.all.load(id)]
    const [first, second] = [a.add({ n: 1, times: 1 }), b.add({ n: 2, times: 1 })]
    if (!first.ok || !second.ok) throw new Error('rejected')
    await one.all.save(first.next)
    expect(await codeOf(other.all.save(second.next))).toBe('DURE_VERSION_CONFLICT')
    await one.host.close()
    await other.host.close()
  })
})
