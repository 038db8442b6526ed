import pg from 'pg'
import { expect, it } from 'vitest'
import { createHost, systemWorld, type Host } from 'dure/host'
import { asState } from 'dure/persistence'
import type { Storage } from 'dure/ports'
import { migrationOf } from '../../../src/migration/migration.ts'
import { Basket, baskets } from '../../fixtures/baskets.ts'
import { freshPool, freshPostgres, withPostgres } from '../../fixtures/each-way.ts'
import { codeOf, keptOpen } from '../../fixtures/running.ts'

withPostgres()

const speaker = { actor: 'x' }
const items = ['a', 'b', 'c'].map((itemId, quantity) => ({ itemId, quantity }))
let schemas = 0

interface Shop {
  readonly host: Host
  readonly pool: pg.Pool
  readonly schema: string
  readonly storage: Storage
  readonly verify: (repair?: boolean) => Promise<readonly string[]>
  /** The next release, which keeps events alone. */
  readonly leave: () => Promise<unknown>
  readonly stop: () => Promise<void>
}

/** Baskets in tables of somebody else's, without a foreign key between them. */
async function open(): Promise<Shop> {
  const pool = freshPool()
  const schema = `shop${++schemas}`
  await pool.query(`create schema ${schema};
create table ${schema}.baskets (id text primary key, owner text);
create table ${schema}.items (basket text, item_id text, ordinal int, quantity bigint, primary key (basket, item_id))`)
  const persistence = [
    asState(Basket, {
      table: `${schema}.baskets`,
      revision: 3,
      tenant: false,
      columns: { items: 'items' },
      children: { items: { parent: 'basket' } },
    }),
  ]
  const storage = keptOpen(freshPostgres())
  const host = await createHost(baskets, { storage, persistence })
  return {
    host,
    pool,
    schema,
    storage,
    async verify(repair = false) {
      const found = await migrationOf(baskets, persistence, storage, systemWorld).verify({ repair })
      return (found.get('Basket')?.differences ?? []).map((it) => it.reason)
    },
    leave: () => createHost(baskets, { storage }).then((it) => it.close()),
    async stop() {
      await host.close()
      await pool.end()
    },
  }
}

async function begun({ host }: Shop): Promise<never> {
  const all = host.repository(Basket, speaker)
  const made = all.create.begin({ owner: 'Kim', items })
  if (!made.ok) throw new Error('rejected')
  await all.save(made.next)
  return made.next.id as never
}

async function remove({ host }: Shop, id: never, itemId: string): Promise<unknown> {
  const all = host.repository(Basket, speaker)
  const load = all.load(id)
  const code = await codeOf(load)
  if (typeof code === 'string') return code
  const removed = (await load).remove({ itemId })
  if (!removed.ok) throw new Error('rejected')
  return codeOf(all.save(removed.next))
}

const ids = async ({ host }: Shop, id: never) =>
  (await host.repository(Basket, speaker).load(id)).state.items.map((it) => it.itemId)

it('child rows whose root was deleted do not come back into the aggregate', async () => {
  const it = await open()
  const id = await begun(it)
  await it.pool.query(`delete from ${it.schema}.baskets`)
  expect(await remove(it, id, 'b')).toBe(undefined)
  expect(await ids(it, id)).toEqual(['a', 'c'])
  await it.stop()
})

it('a row that lost its version is refused with a code, and written again by a repair', async () => {
  const it = await open()
  const id = await begun(it)
  await it.pool.query(`update ${it.schema}.baskets set version = null, owner = 'Lee'`)
  expect(await remove(it, id, 'b')).toBe('DURE_STATE_CHANGED')
  expect(await it.verify()).toHaveLength(1)
  await it.verify(true)
  expect(await it.verify()).toEqual([])
  expect(await remove(it, id, 'b')).toBe(undefined)
  expect(await ids(it, id)).toEqual(['a', 'c'])
  await it.stop()
})

it('a row of an aggregate that has ended is found, and removed by a repair', async () => {
  const it = await open()
  const id = await begun(it)
  const all = it.host.repository(Basket, speaker)
  const left = (await all.load(id)).leave({})
  if (left.ok) await all.save(left.next)
  await it.pool.query(
    `insert into ${it.schema}.baskets (id, owner, version, shape) values ($1, 'Kim', 1, 'x')`,
    [id],
  )
  expect(await it.verify()).toHaveLength(1)
  await it.verify(true)
  expect(await it.verify()).toEqual([])
  expect((await it.pool.query(`select from ${it.schema}.baskets`)).rows).toEqual([])
  await it.stop()
})

it('tables are not left behind while one shows another state than its events; one that has ended does not matter', async () => {
  const it = await open()
  const [id, other] = [await begun(it), await begun(it)]
  const all = it.host.repository(Basket, speaker)
  const left = (await all.load(other)).leave({})
  if (left.ok) await all.save(left.next)
  await it.pool.query(
    `insert into ${it.schema}.baskets (id, owner, version, shape) values ($1, 'Kim', 1, 'x')`,
    [other],
  )
  await it.pool.query(`update ${it.schema}.baskets set owner = 'Lee' where id = $1`, [id])
  expect(await codeOf(it.leave())).toBe('DURE_STATE_DIFFERS')
  await it.pool.query(`update ${it.schema}.baskets set owner = 'Kim' where id = $1`, [id])
  expect(await codeOf(it.leave())).toBe(undefined)
  await it.stop()
})
