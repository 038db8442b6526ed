import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../../test/fixtures/postgres-database.ts'
import { isDureError } from '../../../kernel/error.ts'
import type { ErrorCode } from '../../../kernel/errors/catalogue.ts'
import type { StreamId } from '../../../ports/event-store.ts'
import type {
  AggregateTables,
  Cell,
  ColumnKind,
  KeptAggregate,
  StateChange,
} from '../../../ports/state-store.ts'
import type { ContextStore, Storage } from '../../../ports/store.ts'
import { append, freshName, unit } from '../../../testing/conformance/harness.ts'
import { embeddedStorage, type EmbeddedStorage } from '../../embedded/index.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let directory: string
let server: EmbeddedStorage
let database: TestDatabase
let storage: Storage

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dure-test-'))
  server = await embeddedStorage({ directory })
  database = await createDatabase({ ...server.connection })
  storage = database.open()
})

afterAll(async () => {
  await storage?.close()
  await database?.drop()
  await server?.close()
  await rm(directory, { recursive: true, force: true })
})

const columns: readonly (readonly [name: string, kind: ColumnKind, type: string])[] = [
  ['mail', 'text', "varchar(20) check (mail <> 'nobody')"],
  ['code', 'text', 'char(4)'],
  ['token', 'text', 'uuid unique'],
  ['mood', 'text', 'crm.mood'],
  ['short', 'text', 'crm.short'],
  ['age', 'integer', 'smallint'],
  ['visits', 'integer', 'numeric'],
  ['price', 'number', 'numeric(10,2)'],
  ['balance', 'bigInt', 'bigint'],
  ['born', 'instant', 'timestamptz(0)'],
  ['note', 'json', 'json'],
]

const state: readonly Cell[] = [
  'ann@example.org',
  'ab',
  '0b7e1f34-6d0c-4bb2-9d0e-2f1f3a0c9a11',
  'glad',
  'xy',
  -32768,
  2 ** 53 - 1,
  12345.67,
  '-9223372036854775808',
  '2026-03-01T12:00:00.000Z',
  '{"b": 1,  "a": 2}',
]

interface Own {
  readonly context: string
  readonly store: ContextStore
  readonly kept: KeptAggregate
}

/** Tables of somebody else's, with rows of their own: customers by number, their addresses by number too. */
async function foreign(run: (own: Own) => Promise<void>, extra = ''): Promise<void> {
  const context = freshName()
  await sql(`create schema if not exists crm`)
  await sql(
    `drop table if exists crm.addresses, crm.customers; drop type if exists crm.mood; drop domain if exists crm.short`,
  )
  await sql(`create type crm.mood as enum ('glad', 'sad'); create domain crm.short as varchar(2)`)
  await sql(`create table crm.customers (customer_no int primary key,
    ${columns.map(([name, , type]) => `${name} ${type}`).join(', ')}, left_alone text not null default 'mine' ${extra})`)
  await sql(`create table crm.addresses (customer_no int references crm.customers, line smallint, place bigint, town varchar(30),
    primary key (line, customer_no))`)
  const kept = { aggregate: 'Customer', shape: 's', tables: mapping }
  await run({ context, store: await storage.openContext(context, [kept]), kept })
}

const mapping: AggregateTables = {
  derived: false,
  root: {
    schema: 'crm',
    name: 'customers',
    keys: ['customer_no'],
    version: 'dure_version',
    shape: 'dure_shape',
    columns: columns.map(([name, kind]) => ({ name, kind, indexed: false })),
  },
  children: [
    {
      schema: 'crm',
      name: 'addresses',
      keys: ['customer_no', 'line'],
      ordinal: 'place',
      columns: [{ name: 'town', kind: 'text', indexed: false }],
    },
  ],
}

const sql = async (text: string): Promise<Record<string, unknown>[]> => (await database.pool.query(text)).rows

const customer = (id: string, tenant = ''): StreamId => ({ tenant, aggregate: 'Customer', id })

const addresses: readonly (readonly Cell[])[] = [
  ['2', 0, 'Ulm'],
  ['1', 1, 'Bonn'],
]

function whole(from: number, root: readonly Cell[] = state, upserts = addresses): StateChange {
  return { from, root, children: [{ upserts, removes: [] }], whole: true }
}

function having(column: string, value: Cell): readonly Cell[] {
  return state.map((it, i) => (columns[i]?.[0] === column ? value : it))
}

const column = (name: string, kind: ColumnKind) => ({ columns: [{ name, kind, indexed: false }] })

async function rejects(work: Promise<unknown>, code: ErrorCode, said = /./): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isDureError(error), String(error))
    assert.equal(error.code, code, error.message)
    assert.match(error.message, said)
    return true
  })
}

describe('tables of somebody else’s', () => {
  it('are written and read in their own types, and only Dure’s two columns are added', () =>
    foreign(async ({ store }) => {
      assert.equal((await store.commit(unit([{ ...append(customer('7'), 0), state: whole(0) }]))).ok, true)
      const rows = { root: state, children: [addresses] }
      assert.deepEqual((await store.readHistory(customer('7'))).baseline, { version: 1, rows })
      const [row] = await sql(`select left_alone, dure_version, dure_shape, price::text from crm.customers`)
      assert.deepEqual(row, { left_alone: 'mine', dure_version: 1, dure_shape: 's', price: '12345.67' })
      const fewer = whole(1, state, [['1', 0, 'Köln']])
      assert.equal((await store.commit(unit([{ ...append(customer('7'), 1), state: fewer }]))).ok, true)
      assert.deepEqual(await sql(`select line, place, town from crm.addresses`), [
        { line: 1, place: '0', town: 'Köln' },
      ])
      const end = { from: 2, children: [{ upserts: [], removes: [] }], whole: false }
      const last = { ...append(customer('7'), 2), state: end, ends: true }
      assert.equal((await store.commit(unit([last]))).ok, true)
      assert.deepEqual(await sql(`select 1 from crm.customers, crm.addresses`), [])
    }))

  it('a value that does not fit refuses the commit, and neither it nor its event is stored', () =>
    foreign(async ({ store }) => {
      const misfits: readonly (readonly [column: string, value: Cell, said: RegExp])[] = [
        ['mail', 'a'.repeat(21), /mail: it is longer than 20/],
        ['mail', `a${' '.repeat(20)}`, /mail: it is longer than 20/],
        ['mail', 'nobody', /check constraint/],
        ['code', 'ab ', /code: the column drops spaces/],
        ['token', state[2]?.toString().toUpperCase() ?? null, /token: it is not a UUID/],
        ['mood', 'angry', /enum/],
        ['short', 'xyz', /short: it is longer than 2/],
        ['age', 32768, /smallint/],
        ['price', 0.001, /price: 0.001 has more than 2 decimal places/],
        ['price', 1e9, /numeric field overflow/],
        ['balance', '9223372036854775808', /bigint/],
        ['born', '2026-03-01T12:00:00.001Z', /born: .* has more digits/],
      ]
      for (const [column, value, said] of misfits) {
        const one = { ...append(customer('7'), 0), state: whole(0, having(column, value)) }
        await rejects(store.commit(unit([one])), 'DURE_STATE_UNSTORABLE', said)
        await rejects(store.commit(unit([append(customer('8'), 0), one])), 'DURE_STATE_UNSTORABLE', said)
      }
      const key = { ...append(customer('7'), 0), state: whole(0, state, [['70000', 0, 'Ulm']]) }
      await rejects(store.commit(unit([key])), 'DURE_STATE_UNSTORABLE', /line: 70000/)
      for (const id of ['07', 'x', '2147483648', '']) {
        const one = { ...append(customer(id), 0), state: whole(0) }
        await rejects(store.commit(unit([one])), 'DURE_STATE_UNSTORABLE', /the id/)
        assert.equal((await store.readHistory(customer(id))).version, 0)
      }
      for (const id of ['7', '8']) assert.equal((await store.readStream(customer(id))).version, 0)
      assert.deepEqual(await sql(`select 1 from crm.customers`), [])
    }))

  it('rules of the table refuse too: a unique column, and what must not be null', () =>
    foreign(async ({ store }) => {
      await store.commit(unit([{ ...append(customer('1'), 0), state: whole(0) }]))
      const same = { ...append(customer('2'), 0), state: whole(0) }
      await rejects(store.commit(unit([same])), 'DURE_STATE_UNSTORABLE', /customers_token_key/)
      await sql(`alter table crm.customers add column needed int; update crm.customers set needed = 1;
        alter table crm.customers alter column needed set not null`)
      const other = { ...same, state: whole(0, having('token', null)) }
      await rejects(store.commit(unit([other])), 'DURE_STATE_UNSTORABLE', /needed/)
      assert.equal((await store.readStream(customer('2'))).version, 0)
      assert.equal(await store.keepState(customer('1'), 1, whole(1, having('mood', 'sad'))), true)
      await rejects(
        store.keepState(customer('1'), 1, whole(1, having('mood', 'odd'))),
        'DURE_STATE_UNSTORABLE',
      )
    }))

  it('what others wrote and no field can hold is named, and not taken for something else', () =>
    foreign(async ({ store }) => {
      await store.commit(unit([{ ...append(customer('7'), 0), state: whole(0) }]))
      for (const [column, value] of [
        ['born', `'infinity'`],
        ['born', `'294000-01-01'`],
        ['visits', '9007199254740993'],
        ['visits', '1.5'],
        ['visits', `'NaN'`],
        ['price', `'NaN'`],
      ]) {
        await sql(`begin; update crm.customers set ${column} = ${value}; commit`)
        await rejects(
          store.readHistory(customer('7')),
          'DURE_STATE_UNREADABLE',
          new RegExp(`${column}.* of 7`),
        )
        await sql(`update crm.customers set born = null, visits = 1, price = 1`)
      }
      await sql(`update crm.customers set born = '2026-01-01 00:00:00.999999+00', visits = 1.00`)
      const { baseline } = await store.readHistory(customer('7'))
      assert.ok(baseline && 'rows' in baseline)
      assert.deepEqual([baseline.rows.root[6], baseline.rows.root[9]], [1, '2026-01-01T00:00:01.000Z'])
    }))
})

describe('rows that were there before', () => {
  it('are listed by id without a version, taken over once, and left alone by whoever does not adopt', () =>
    foreign(async ({ context, store, kept }) => {
      for (const id of [10, 9, 100]) {
        await sql(
          `insert into crm.customers (customer_no, mail, price) values (${id}, 'mail ${id}', ${id}.25)`,
        )
        await sql(`insert into crm.addresses values (${id}, 1, 1, 'b'), (${id}, 2, 0, 'a')`)
      }
      await store.commit(unit([{ ...append(customer('5'), 0), state: whole(0) }]))
      const first = await store.listUnkept('Customer', undefined, 2)
      assert.deepEqual(
        first.map((it) => it.stream),
        [customer('10'), customer('100')],
      )
      assert.deepEqual(first[0]?.rows.root.slice(0, 1).concat(first[0].rows.root[7] ?? null), [
        'mail 10',
        10.25,
      ])
      const lines = [
        ['2', 0, 'a'],
        ['1', 1, 'b'],
      ]
      assert.deepEqual(first[0]?.rows.children, [lines])
      const rest = await store.listUnkept('Customer', first[1]?.stream, 2)
      assert.deepEqual(
        rest.map((it) => it.stream),
        [customer('9')],
      )
      // Another look has not seen the page before.
      const afresh = await storage.openContext(context, [kept])
      assert.deepEqual(await afresh.listUnkept('Customer', first[1]?.stream, 2), rest)
      assert.deepEqual(await afresh.listUnkept('Customer', rest[0]?.stream, 2), [])
      const blind = { ...append(customer('9'), 0), state: whole(0, having('token', null)) }
      assert.deepEqual(await store.commit(unit([blind])), { ok: false, reason: 'row', stream: customer('9') })
      assert.deepEqual(await store.readHistory(customer('9')), {
        version: 0,
        ended: false,
        events: [],
        row: 0,
      })
      const adopting = { ...blind, state: { ...blind.state, adopts: true } }
      assert.equal((await store.commit(unit([adopting]))).ok, true)
      assert.equal((await store.readHistory(customer('9'))).baseline?.version, 1)
      assert.equal((await store.readHistory(customer('9'))).row, 1)
      const again = await store.commit(unit([{ ...adopting, expected: 1 }]))
      assert.deepEqual(again, { ok: false, reason: 'row', stream: customer('9') })
      assert.equal((await store.listUnkept('Customer', undefined, 9)).length, 2)
      const listed = await store.listStreams('Customer', undefined, 9)
      assert.deepEqual(
        listed.map(({ stream, row }) => [stream.id, row?.version]),
        [
          ['5', 1],
          ['9', 1],
        ],
      )
    }))
})

describe('a mapping that does not fit', () => {
  it('is refused when the context is opened, and nothing is changed', () =>
    foreign(async ({ kept }) => {
      const opening = (root: Partial<AggregateTables['root']>) => {
        const tables = { ...mapping, root: { ...mapping.root, ...root } }
        return storage.openContext(freshName(), [{ ...kept, tables }])
      }
      const schemas = (await sql(`select 1 from pg_tables where tablename = 'streams'`)).length
      await sql(`alter table crm.customers add column local timestamp, add column real4 real`)
      await rejects(opening({ name: 'clients' }), 'DURE_TABLE_MISSING', /crm\.clients/)
      await rejects(opening(column('phone', 'text')), 'DURE_COLUMN_MISSING', /crm\.customers.*phone/)
      await rejects(opening(column('local', 'instant')), 'DURE_COLUMN_TYPE', /timestamp without time zone/)
      await rejects(opening(column('real4', 'number')), 'DURE_COLUMN_TYPE', /real/)
      await rejects(opening(column('age', 'text')), 'DURE_COLUMN_TYPE', /smallint/)
      await rejects(opening({ keys: ['mood'] }), 'DURE_MAPPING_INVALID', /unique index on exactly \(mood\)/)
      await rejects(opening({ tenant: 'mail' }), 'DURE_MAPPING_INVALID', /\(mail, customer_no\)/)
      await rejects(opening({ version: 'age', shape: 'age' }), 'DURE_COLUMN_TYPE', /age/)
      assert.equal((await sql(`select 1 from pg_tables where tablename = 'streams'`)).length, schemas)
    }))
})
