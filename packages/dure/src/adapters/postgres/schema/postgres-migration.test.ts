import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, it, vi } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../../test/fixtures/postgres-database.ts'
import { isDureError } from '../../../kernel/error.ts'
import type { ErrorCode } from '../../../kernel/errors/catalogue.ts'
import type { AggregateTables, KeptAggregate, StateColumn } from '../../../ports/state-store.ts'
import type { Storage } from '../../../ports/store.ts'
import { append, commitTo, freshName, order, unit } from '../../../testing/conformance/harness.ts'
import { embeddedStorage, type EmbeddedStorage } from '../../embedded/index.ts'
import { createLog } from '../migrations/000001-create-log.ts'
import { migrate } from '../migrate.ts'
import { postgresStorage } from '../postgres-storage.ts'
import { Session } from '../session.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let directory: string
let server: EmbeddedStorage
let database: TestDatabase
let storage: Storage
let context: string
let schema: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dure-test-'))
  server = await embeddedStorage({ directory })
  database = await createDatabase({ ...server.connection })
})

afterAll(async () => {
  await database?.drop()
  await server?.close()
  await rm(directory, { recursive: true, force: true })
})

beforeEach(() => {
  storage = database.open()
  context = freshName()
  schema = context.toLowerCase()
})

afterEach(() => storage.close())

const column = (name: string, kind: StateColumn['kind'] = 'text', indexed = false): StateColumn => ({
  name,
  kind,
  indexed,
})

function keeping(columns: readonly StateColumn[], lines?: readonly StateColumn[]): readonly KeptAggregate[] {
  const children = lines && {
    name: 'order_lines',
    tenant: 'tenant',
    keys: ['id', 'line'],
    ordinal: 'ordinal',
    columns: lines,
  }
  const tables: AggregateTables = {
    derived: true,
    root: { name: 'order', tenant: 'tenant', keys: ['id'], version: 'version', shape: 'shape', columns },
    children: children ? [children] : [],
  }
  return [{ aggregate: 'Order', shape: 's', tables }]
}

const sql = async (text: string): Promise<Record<string, unknown>[]> => (await database.pool.query(text)).rows

const growing = ['schema', 'expand'] as const

async function planned(kept?: readonly KeptAggregate[]): Promise<string[]> {
  return (await storage.migration(context, kept).plan()).map((it) => it.what)
}

async function rejects(work: Promise<unknown>, code: ErrorCode): Promise<Readonly<Record<string, unknown>>> {
  let details = {}
  await assert.rejects(work, (error) => {
    assert.ok(isDureError(error), String(error))
    assert.equal(error.code, code, error.message)
    details = error.details
    return true
  })
  return details
}

describe('tables of Dure’s own', () => {
  it('a schema of the release before gets what is new, and keeps its events', async () => {
    await migrate(new Session(database.pool, 'test', false), context, schema, [createLog])
    assert.deepEqual(await planned(), ['migration 2: keep state', 'migration 3: follow others'])
    await rejects(storage.migration(context).apply(['expand']), 'DURE_STORE_UNMIGRATED')
    const store = await storage.openContext(context, keeping([column('note')]))
    const state = { from: 0, root: ['x'], children: [], whole: true }
    assert.equal((await store.commit(unit([{ ...append(order('1'), 0), state }]))).ok, true)
    assert.deepEqual(await planned(keeping([column('note')])), [])
  })

  it('a plan is what is then done: its SQL, run by hand, leaves nothing to do', async () => {
    const kept = keeping([column('customer', 'text', true), column('note')], [column('sku', 'text', true)])
    const steps = await storage.migration(context, kept).plan()
    assert.deepEqual(
      steps.filter((it) => it.kind === 'expand').map((it) => it.what),
      ['create table order', 'create table order_lines'],
    )
    for (const it of steps) await sql(it.sql)
    assert.deepEqual(await planned(kept), [])
    const store = await storage.openContext(context, kept)
    assert.equal((await commitTo(store, order('1'), 0)).ok, true)
  })

  it('names that are words of SQL, long, or in other scripts', async () => {
    const long = 'x'.repeat(63)
    const names = ['select', 'Two Words', `say "when"`, '두레', long, `${'x'.repeat(62)}y`]
    const kept = keeping(names.map((name) => column(name, 'text', true)))
    const store = await storage.openContext(context, kept)
    const state = { from: 0, root: names, children: [], whole: true }
    assert.equal((await store.commit(unit([{ ...append(order('1'), 0), state }]))).ok, true)
    const { baseline } = await store.readHistory(order('1'))
    assert.deepEqual(baseline, { version: 1, rows: { root: names, children: [] } })
    assert.deepEqual(await planned(kept), [])
  })

  it('a table of that name that Dure has not made is refused, and left alone', async () => {
    await storage.openContext(context)
    await sql(`create table ${schema}."order" (n int)`)
    await rejects(storage.openContext(context, keeping([])), 'DURE_MAPPING_INVALID')
    assert.deepEqual(await planned(), [])
    await storage.migration(context).apply(['contract'])
    assert.deepEqual(await sql(`select n from ${schema}."order"`), [])
  })

  it('a column whose field holds something else now is refused', async () => {
    await storage.openContext(context, keeping([column('total', 'integer')]))
    const opening = storage.openContext(context, keeping([column('total', 'text')]))
    const { found, needed } = await rejects(opening, 'DURE_COLUMN_TYPE')
    assert.deepEqual([found, needed], ['bigint', 'text'])
  })
})

describe('refusing', () => {
  it('tells what is missing and changes nothing; once it is made, opens', async () => {
    const refusing = postgresStorage({
      pool: new pg.Pool(database.config),
      ownsPool: true,
      migrations: 'refuse',
    })
    try {
      const { steps } = await rejects(refusing.openContext(context, keeping([])), 'DURE_STORE_UNMIGRATED')
      assert.deepEqual(steps, [
        `create schema ${schema}`,
        'migration 1: create log',
        'migration 2: keep state',
        'migration 3: follow others',
        'create table order',
      ])
      assert.deepEqual(await sql(`select 1 from pg_namespace where nspname = '${schema}'`), [])
      await refusing.migration(context, keeping([])).apply(growing)
      const store = await refusing.openContext(context, keeping([]))
      assert.equal((await commitTo(store, order('1'), 0)).ok, true)
      const wider = keeping([column('note')])
      const missing = await rejects(refusing.openContext(context, wider), 'DURE_STORE_UNMIGRATED')
      assert.deepEqual(missing['steps'], ['add column order.note'])
      // What only an older release needs is in nobody's way.
      await refusing.migration(context, wider).apply(growing)
      await refusing.openContext(context, keeping([]))
    } finally {
      await refusing.close()
    }
  })
})

describe('beside a program that runs', () => {
  const before = keeping([column('customer')])
  const after = keeping([column('customer', 'text', true), column('shop', 'text', true)])

  it('an index is made while a writer has the table, and one that was interrupted is made again', async () => {
    const store = await storage.openContext(context, before)
    const state = { from: 0, root: ['ann'], children: [], whole: true }
    await store.commit(unit([{ ...append(order('1'), 0), state }]))
    // What an interrupted one leaves: it could not be finished.
    await sql(`insert into ${schema}."order" values ('x', '1', 1, 's', 'ann')`)
    await assert.rejects(
      sql(`create unique index concurrently order_customer_ref on ${schema}."order" (customer)`),
    )
    await sql(`delete from ${schema}."order" where tenant = 'x'`)
    const writer = await database.pool.connect()
    await writer.query(`begin; update ${schema}."order" set customer = 'bob'`)
    const told: string[] = []
    const making = storage.migration(context, after).apply(growing, (it) => told.push(it.what))
    await new Promise((resolve) => setTimeout(resolve, 700))
    // Waiting for the one that writes keeps nobody else waiting.
    assert.equal((await commitTo(store, order('2'), 0)).ok, true)
    await writer.query('commit')
    writer.release()
    await making
    assert.deepEqual(told, [
      'add column order.shop',
      'create index on order.customer',
      'create index on order.shop',
    ])
    assert.deepEqual(await planned(after), [])
    const indexes = await sql(`select indisvalid as valid, indisunique as once from pg_index
      where indexrelid = '${schema}.order_customer_ref'::regclass`)
    assert.deepEqual(indexes, [{ valid: true, once: false }])
  })

  it('several that make the same indexes at once make each once', async () => {
    await storage.openContext(context, before)
    const told: string[] = []
    const others = [1, 2, 3, 4].map(() => database.open())
    await Promise.all(
      others.map((it) => it.migration(context, after).apply(growing, (step) => told.push(step.what))),
    )
    await Promise.all(others.map((it) => it.close()))
    assert.equal(told.length, 3)
    assert.deepEqual(await planned(after), [])
    assert.deepEqual(await sql(`select 1 from pg_locks where locktype = 'advisory'`), [])
  })

  it('a connection that is cut in the middle leaves whole steps, and the next one goes on', async () => {
    const kept = keeping([column('customer')], [column('sku')])
    const config = { ...database.config, application_name: 'to be cut' }
    const cut = postgresStorage({ pool: new pg.Pool(config), ownsPool: true })
    const steps: string[] = []
    await rejects(
      cut.migration(context, kept).apply(growing, (it) => {
        steps.push(it.what)
        if (it.what !== 'create table order_lines') return
        void sql(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'to be cut'`,
        )
        const until = Date.now() + 300
        while (Date.now() < until);
      }),
      'DURE_STORE_UNAVAILABLE',
    )
    await cut.close()
    assert.deepEqual(await planned(kept), ['create table order_lines'])
    await storage.openContext(context, kept)
    assert.deepEqual(await planned(kept), [])
  })

  it('what no mapping has any more is dropped when that is asked for, and only what Dure has made', async () => {
    await storage.openContext(context, keeping([column('customer'), column('note')], [column('sku')]))
    await sql(`create table ${schema}.mine (n int)`)
    const steps = await storage.migration(context, keeping([column('customer')])).plan()
    assert.deepEqual(
      steps.map((it) => [it.kind, it.what, it.destroys]),
      [
        ['contract', 'drop column order.note', true],
        ['contract', 'drop table order_lines', true],
      ],
    )
    await storage.migration(context, keeping([column('customer')])).apply(growing)
    assert.equal((await planned(keeping([column('customer')]))).length, 2)
    await storage.migration(context).apply(['contract'])
    const left = await sql(`select tablename as name from pg_tables where schemaname = '${schema}'
      and (tablename like 'order%' or tablename = 'mine')`)
    assert.deepEqual(left, [{ name: 'mine' }])
    assert.deepEqual(await planned(), [])
  })
})
