import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Id } from 'dure'
import { systemWorld } from 'dure/host'
import { asEvents, asState, type Persistence } from 'dure/persistence'
import type { Storage } from 'dure/ports'
import { migrationOf } from '../../src/migration/migration.ts'
import { Customer, customers } from '../fixtures/customers.ts'
import { eachStore } from '../fixtures/each-way.ts'
import { overriding } from '../fixtures/overriding.ts'
import { keptOpen, running, type Driver } from '../fixtures/running.ts'

const state = [asState(Customer)]
const events: readonly Persistence[] = []

/** Changes customers without pause and counts what was acknowledged. */
class Load {
  readonly acknowledged: Map<string, number> = new Map()
  readonly #ids: readonly string[]
  readonly #writers = new Map<Driver, readonly Promise<void>[]>()
  readonly #running = new Set<Driver>()

  constructor(ids: readonly string[]) {
    this.#ids = ids
  }

  from(it: Driver): void {
    this.#running.add(it)
    this.#writers.set(
      it,
      [1, 2, 3].map(async (seed) => this.#write(it, seed)),
    )
  }

  async stop(it: Driver): Promise<void> {
    this.#running.delete(it)
    await Promise.all(this.#writers.get(it) ?? [])
  }

  async #write(it: Driver, seed: number): Promise<void> {
    for (let n = seed; this.#running.has(it); n += 7) {
      const id = this.#ids[n % this.#ids.length] as string
      const email = `${id}-${systemWorld.newId()}@x.kr`
      const reply = await it.command('Customers.changeEmail', { id, email })
      if (!reply.ok) throw new Error(reply.rejected)
      this.acknowledged.set(id, (this.acknowledged.get(id) ?? 0) + 1)
      // A store in memory answers before any timer can.
      await pause(1)
    }
  }
}

async function registered(it: Driver, count: number): Promise<readonly string[]> {
  const ids: string[] = []
  for (let i = 0; i < count; i++) {
    const reply = await it.command('Customers.register', { email: `${i}@x.kr`, name: 'Kim' })
    if (reply.ok) ids.push(reply.id)
  }
  return ids
}

async function versions(it: Driver, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const all = it.host.repository(Customer, { actor: 'x' })
  const found = await Promise.all(ids.map(async (id) => all.load(id as Id<'Customer'>)))
  return new Map(found.map((each) => [each.id, each.version]))
}

const verified = async (storage: Storage) =>
  (await migrationOf(customers, state, storage, systemWorld).verify()).get('Customer')

eachStore('switching over under write load', (_, open) => {
  it('from events to state and back loses nothing, with two releases side by side each time', async () => {
    const storage = keptOpen(open())
    const first = await running(customers, storage, events)
    const ids = await registered(first, 40)
    const load = new Load(ids)
    load.from(first)
    await pause(150)

    const second = await running(customers, storage, state)
    load.from(second)
    await pause(300)
    expect(await verified(storage)).toMatchObject({ checked: 40, differences: [] })
    await load.stop(first)
    await first.host.close()
    await pause(150)

    const third = await running(customers, storage, [asEvents(Customer)])
    load.from(third)
    await pause(300)
    await load.stop(second)
    await second.host.close()
    await pause(100)
    await load.stop(third)

    const found = await versions(third, ids)
    for (const id of ids) expect(found.get(id)).toBe(1 + (load.acknowledged.get(id) ?? 0))
    expect(Math.min(...load.acknowledged.values())).toBeGreaterThan(3)
    expect([...first.log, ...second.log, ...third.log]).toEqual([])
    await third.host.close()
  })

  it('interrupted, goes on where it was', async () => {
    const storage = keptOpen(open())
    const before = await running(customers, storage, events)
    const ids = await registered(before, 30)
    await before.host.close()

    let written = 0
    const failing = overriding(storage, (store) => ({
      async keepState(...it) {
        if (++written > 10) throw new Error('killed')
        return store.keepState(...it)
      },
    }))
    await expect(running(customers, failing, state)).rejects.toThrow('killed')

    const kept: string[] = []
    const counting = overriding(storage, (store) => ({
      async keepState(stream, ...it) {
        kept.push(stream.id)
        return store.keepState(stream, ...it)
      },
    }))
    const after = await running(customers, counting, state)
    expect(kept.length).toBeLessThanOrEqual(ids.length - 7)
    expect(await verified(storage)).toMatchObject({ checked: 30, differences: [] })
    await after.host.close()

    kept.length = 0
    const again = await running(customers, counting, state)
    expect(kept).toEqual([])
    await again.host.close()
  })

  it('a rule of uniqueness comes into force only over what keeps it', async () => {
    const storage = keptOpen(open())
    const before = await running(customers, storage, events)
    await registered(before, 5)
    await before.host.close()
    const rows = [{ view: '$kept', key: 'Customer', row: null }]
    const meta = { command: 'c', actor: 'x', correlation: 'c' }
    const store = await storage.openContext('Customers')
    // As a release without the rule has left it: an address twice, and nothing claimed.
    await store.commit({ at: new Date(), meta, appends: [], rows })
    const stream = { tenant: '', aggregate: 'Customer', id: 'twin' }
    const event = { type: 'CustomerRegistered', schema: 1, data: { email: '3@x.kr', name: 'Lee' } }
    await store.commit({
      at: new Date(),
      meta,
      appends: [{ stream, expected: 0, events: [event], ends: false }],
    })
    await expect(running(customers, storage, events)).rejects.toMatchObject({
      code: 'DURE_UNIQUE_VIOLATED',
      details: { rule: 'EmailTaken', value: '3@x.kr', ids: expect.arrayContaining(['twin']) as unknown },
    })
    const change = { type: 'EmailChanged', schema: 1, data: { email: 'twin@x.kr' } }
    await store.commit({
      at: new Date(),
      meta,
      appends: [{ stream, expected: 1, events: [change], ends: false }],
    })
    const after = await running(customers, storage, events)
    for (const email of ['3@x.kr', 'twin@x.kr']) {
      expect(await after.command('Customers.register', { email, name: 'x' })).toMatchObject({
        rejected: 'EmailTaken',
      })
    }
    await after.host.close()
  })
})
