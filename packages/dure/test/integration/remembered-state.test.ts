import type pg from 'pg'
import { expect, it } from 'vitest'
import { createHost, type Host } from 'dure/host'
import { asState } from 'dure/persistence'
import type { Storage } from 'dure/ports'
import { postgresStorage } from 'dure/postgres'
import { Basket, baskets } from '../fixtures/baskets.ts'
import { eachStore, freshPool } from '../fixtures/each-way.ts'
import { codeOf, keptOpen } from '../fixtures/running.ts'

// What a process remembers of an aggregate kept as state is asked for, not trusted: whoever else has changed it is seen.

const speaker = { actor: 'x' }
const items = ['a', 'b', 'c'].map((itemId, quantity) => ({ itemId, quantity }))

async function opened(storage: Storage, revision = 0, remember?: number): Promise<Host> {
  const persistence = [asState(Basket, { revision })]
  return createHost(baskets, { storage, persistence, ...(remember !== undefined && { remember }) })
}

async function begun(host: Host): Promise<never> {
  const all = host.repository(Basket, speaker)
  const made = all.create.begin({ owner: 'Kim', items })
  if (!made.ok) throw new Error('rejected')
  await all.save(made.next)
  return made.next.id as never
}

async function remove(host: Host, id: never, itemId: string): Promise<void> {
  const all = host.repository(Basket, speaker)
  const removed = (await all.load(id)).remove({ itemId })
  if (removed.ok) await all.save(removed.next)
}

async function shown(host: Host, id: never): Promise<object> {
  const { version, state } = await host.repository(Basket, speaker).load(id)
  return { version, owner: state.owner, items: state.items.map((one) => `${one.itemId}${one.quantity}`) }
}

eachStore('a remembered aggregate kept as state', (_, open) => {
  it('is what was saved, and what another process makes of it', async () => {
    const storage = keptOpen(open())
    const [here, there] = [await opened(storage), await opened(storage)]
    const id = await begun(here)
    expect(await shown(here, id)).toEqual({ version: 1, owner: 'Kim', items: ['a0', 'b1', 'c2'] })
    await remove(here, id, 'b')
    expect(await shown(here, id)).toEqual({ version: 2, owner: 'Kim', items: ['a0', 'c2'] })
    await remove(there, id, 'a')
    expect(await shown(here, id)).toEqual({ version: 3, owner: 'Kim', items: ['c2'] })
    await remove(here, id, 'c')
    expect(await shown(there, id)).toEqual({ version: 4, owner: 'Kim', items: [] })
    await here.close()
    await there.close()
  })

  it('is gone when another process has ended it', async () => {
    const storage = keptOpen(open())
    const [here, there] = [await opened(storage), await opened(storage)]
    const id = await begun(here)
    await shown(here, id)
    await there.repository(Basket, speaker).delete(await there.repository(Basket, speaker).load(id))
    expect(await codeOf(shown(here, id))).toBe('DURE_AGGREGATE_ENDED')
    expect(await here.repository(Basket, speaker).find(id)).toBe(undefined)
    await here.close()
    await there.close()
  })

  it('is right beside a release that writes rows of another shape', async () => {
    const storage = keptOpen(open())
    const here = await opened(storage)
    const id = await begun(here)
    await shown(here, id)
    const other = await opened(storage, 1)
    await remove(other, id, 'a')
    expect(await shown(here, id)).toEqual({ version: 2, owner: 'Kim', items: ['b1', 'c2'] })
    await remove(here, id, 'b')
    expect(await shown(other, id)).toEqual({ version: 3, owner: 'Kim', items: ['c2'] })
    expect(await shown(here, id)).toEqual({ version: 3, owner: 'Kim', items: ['c2'] })
    await here.close()
    await other.close()
  })
})

let schemas = 0

interface Table {
  readonly host: Host
  readonly forgetful: Host
  readonly id: never
  readonly query: (sql: string) => Promise<pg.QueryResult>
  readonly stop: () => Promise<void>
}

/** A basket that one host remembers and the other never does, with the way to its tables. */
async function onTables(): Promise<Table> {
  const prefix = `remembered${++schemas}_`
  const pool = freshPool()
  const storage = keptOpen(postgresStorage({ pool: freshPool(), ownsPool: true, schemaPrefix: prefix }))
  const [host, forgetful] = [await opened(storage), await opened(storage, 0, 0)]
  const id = await begun(host)
  await shown(host, id)
  return {
    host,
    forgetful,
    id,
    query: (sql) => pool.query(sql.replaceAll('{schema}', `${prefix}baskets`)),
    async stop() {
      await host.close()
      await forgetful.close()
      await pool.end()
    },
  }
}

it('a value that somebody has put into the row is seen, at the version that it had', async () => {
  const { host, id, query, stop } = await onTables()
  await query(`update {schema}.basket set owner = 'Lee'`)
  expect(await shown(host, id)).toEqual({ version: 1, owner: 'Lee', items: ['a0', 'b1', 'c2'] })
  await remove(host, id, 'a')
  await query(`update {schema}.basket set owner = 'Park'`)
  expect(await shown(host, id)).toEqual({ version: 2, owner: 'Park', items: ['b1', 'c2'] })
  await stop()
})

it('a version that somebody has raised is refused', async () => {
  const { host, id, query, stop } = await onTables()
  await query(`update {schema}.basket set version = 2`)
  expect(await codeOf(shown(host, id))).toBe('DURE_STATE_CHANGED')
  await stop()
})

it('a row that somebody has deleted is folded from the events', async () => {
  const { host, id, query, stop } = await onTables()
  await remove(host, id, 'b')
  await query(`delete from {schema}.basket`)
  expect(await shown(host, id)).toEqual({ version: 2, owner: 'Kim', items: ['a0', 'c2'] })
  await remove(host, id, 'a')
  expect(await shown(host, id)).toEqual({ version: 3, owner: 'Kim', items: ['c2'] })
  await stop()
})

it('a child row that somebody has changed is seen once the root is written, or where nothing is remembered', async () => {
  const { host, forgetful, id, query, stop } = await onTables()
  await query(`update {schema}.basket_items set quantity = 7 where item_id = 'b'`)
  expect(await shown(forgetful, id)).toEqual({ version: 1, owner: 'Kim', items: ['a0', 'b7', 'c2'] })
  // No row of it is read again, for its root stands as it was written.
  expect(await shown(host, id)).toEqual({ version: 1, owner: 'Kim', items: ['a0', 'b1', 'c2'] })
  await query(`update {schema}.basket set owner = owner`)
  expect(await shown(host, id)).toEqual({ version: 1, owner: 'Kim', items: ['a0', 'b7', 'c2'] })
  await stop()
})
