import type pg from 'pg'
import { expect, it } from 'vitest'
import { createHost, systemWorld, type Host } from 'dure/host'
import { asState, type Persistence } from 'dure/persistence'
import type { Storage } from 'dure/ports'
import { migrationOf } from '../../../src/migration/migration.ts'
import { Basket, baskets } from '../../fixtures/baskets.ts'
import { freshPool, freshPostgres, withPostgres } from '../../fixtures/each-way.ts'
import { codeOf, keptOpen } from '../../fixtures/running.ts'

withPostgres()

const speaker = { actor: 'x' }
const items = [
  { itemId: 'a', quantity: 1 },
  { itemId: 'b', quantity: 2 },
]

async function begun(host: Host): Promise<string> {
  const all = host.repository(Basket, speaker)
  const made = all.create.begin({ owner: 'Kim', items })
  if (!made.ok) throw new Error('rejected')
  await all.save(made.next)
  return made.next.id
}

const start = (storage: Storage, persistence: readonly Persistence[]) =>
  createHost(baskets, { storage, persistence })

/** Runs both while somebody else holds the stream: they go on in this order, the second with what it has seen before. */
async function oneAfterTheOther(
  schema: string,
  first: () => Promise<unknown>,
  second: () => Promise<unknown>,
): Promise<unknown> {
  const pool = freshPool()
  const holder = await pool.connect()
  await holder.query('begin')
  await holder.query(`select from "${schema}".streams for update`)
  const begun = first()
  await waiting(pool, 1)
  const then = codeOf(second())
  await waiting(pool, 2)
  await holder.query('commit')
  holder.release()
  await begun
  const outcome = await then
  await pool.end()
  return outcome
}

async function waiting(client: pg.Pool, count: number): Promise<void> {
  await expect
    .poll(async () => {
      const { rows } = await client.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      )
      return rows.length
    })
    .toBe(count)
}

async function schemaOf(): Promise<string> {
  const pool = freshPool()
  const { rows } = await pool.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname like 't%baskets' order by oid desc limit 1`,
  )
  await pool.end()
  return rows[0]?.name ?? ''
}

async function rowsOf(table: string): Promise<unknown[]> {
  const pool = freshPool()
  const { rows } = await pool.query(`select * from ${table}`)
  await pool.end()
  return rows
}

it('a change that writes rows whole does not leave those that a migration has put there meanwhile', async () => {
  const storage = keptOpen(freshPostgres())
  const before = await start(storage, [asState(Basket)])
  const id = await begun(before)
  const now = [asState(Basket, { columns: { items: 'basket_contents' } })]
  const store = await storage.openContext('Baskets')
  // The new release runs already, but this row is the older one's still.
  const host = await start(storage, now)
  const schema = await schemaOf()
  const pool = freshPool()
  await pool.query(`update "${schema}".basket set shape = 'older'; delete from "${schema}".basket_contents`)
  await pool
    .query(`update "${schema}".view_rows set row = row - 'shape' where view = '$kept'`)
    .catch(() => pool.query(`delete from "${schema}".view_rows where view = '$kept'`))
  await pool.end()
  const all = host.repository(Basket, speaker)
  const removed = (await all.load(id as never)).remove({ itemId: 'b' })
  if (!removed.ok) throw new Error('rejected')
  const migration = migrationOf(baskets, now, storage, systemWorld)
  const outcome = await oneAfterTheOther(
    schema,
    () => migration.apply(),
    () => all.save(removed.next),
  )
  const loaded = await all.load(id as never)
  const items = loaded.state.items.map((it) => it.itemId)
  expect([outcome, items]).toEqual(
    outcome === undefined ? [undefined, ['a']] : ['DURE_VERSION_CONFLICT', ['a', 'b']],
  )
  expect((await migration.verify()).get('Basket')?.differences).toEqual([])
  await store.close()
  await before.close()
  await host.close()
})

it('the row of an aggregate that ends while a migration writes it does not stay', async () => {
  const storage = keptOpen(freshPostgres())
  const before = await start(storage, [])
  const id = await begun(before)
  const schema = await schemaOf()
  const now = [asState(Basket)]
  const migration = migrationOf(baskets, now, storage, systemWorld)
  const host = await start(storage, now)
  const pool = freshPool()
  await pool.query(`delete from "${schema}".basket; delete from "${schema}".view_rows where view = '$kept'`)
  await pool.end()
  const all = host.repository(Basket, speaker)
  const left = (await all.load(id as never)).leave({})
  if (!left.ok) throw new Error('rejected')
  const outcome = await oneAfterTheOther(
    schema,
    () => migration.apply(),
    () => all.save(left.next),
  )
  const stands = await rowsOf(`"${schema}".basket`)
  expect([outcome, stands.length]).toEqual(
    outcome === undefined ? [undefined, 0] : ['DURE_VERSION_CONFLICT', 1],
  )
  await before.close()
  await host.close()
})
