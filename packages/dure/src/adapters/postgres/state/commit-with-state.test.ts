import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../../test/fixtures/postgres-database.ts'
import type { Cell, KeptAggregate, StateChange } from '../../../ports/state-store.ts'
import type { ContextStore, Storage } from '../../../ports/store.ts'
import { append, freshName, order, unit } from '../../../testing/conformance/harness.ts'
import { isDureError } from '../../../kernel/error.ts'
import { embeddedStorage, type EmbeddedStorage } from '../../embedded/index.ts'
import type { PgClient, PgPool } from '../pg-pool.ts'
import { postgresStorage } from '../postgres-storage.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let directory: string
let server: EmbeddedStorage
let database: TestDatabase

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

const column = (name: string, kind: 'text' | 'integer' | 'number' | 'instant' | 'bytes') => ({
  name,
  kind,
  indexed: false,
})

const kept: readonly KeptAggregate[] = [
  {
    aggregate: 'Order',
    shape: 's',
    tables: {
      derived: true,
      root: {
        name: 'order',
        tenant: 'tenant',
        keys: ['id'],
        version: 'version',
        shape: 'shape',
        columns: [
          column('customer', 'text'),
          column('weight', 'number'),
          column('at', 'instant'),
          column('seal', 'bytes'),
        ],
      },
      children: [
        {
          name: 'order_lines',
          tenant: 'tenant',
          keys: ['id', 'line'],
          ordinal: 'ordinal',
          columns: [column('sku', 'text'), column('weight', 'number')],
        },
      ],
    },
  },
]

const root: readonly Cell[] = ['ann', 0.1 + 0.2, '2026-03-01T12:00:00.123Z', 'AAH/']
const lines: readonly (readonly Cell[])[] = [
  ['a', 0, 'apple', 1 / 3],
  ['b', 1, 'pear', 5e-324],
]

function change(from: number, upserts = lines, removes: readonly (readonly Cell[])[] = []): StateChange {
  return { from, root, children: [{ upserts, removes }], whole: false }
}

const claims = (take: string, drop?: string) => ({
  drop: drop === undefined ? [] : [{ name: 'Taken', value: drop }],
  take: [{ name: 'Taken', value: take }],
})

/** A store whose round trips are counted. */
async function counted(
  run: (store: ContextStore, trips: () => number, storage: Storage) => Promise<void>,
): Promise<void> {
  const pool = new pg.Pool({ ...database.config, max: 4 })
  let trips = 0
  // One for each connection: a connection is looked at when it is first seen.
  const wrapped = new WeakMap<object, PgClient>()
  const counting: PgPool = {
    async connect() {
      const client = await pool.connect()
      const known = wrapped.get(client) ?? {
        query: (query) => (trips++, client.query(query as never)),
        release: (destroy) => client.release(destroy),
      }
      wrapped.set(client, known)
      return known
    },
    end: () => pool.end(),
  }
  const storage = postgresStorage({ pool: counting, ownsPool: true, wake: false })
  try {
    await run(await storage.openContext(freshName(), kept), () => trips, storage)
  } finally {
    await storage.close()
  }
}

describe('round trips', () => {
  it('a commit with rows, claims and a reply is one, and so is the load after it', () =>
    counted(async (store, trips) => {
      const before = trips()
      const reply = { tenant: '', key: 'k', request: 'h', reply: {} }
      const first = { ...append(order('1'), 0, 2), state: change(0), claims: claims('x') }
      assert.equal((await store.commit(unit([first], { reply }))).ok, true)
      assert.equal(trips() - before, 1)
      const second = { ...append(order('1'), 2), state: change(2, [], [['b']]), claims: claims('y', 'x') }
      assert.equal((await store.commit(unit([second]))).ok, true)
      assert.equal(trips() - before, 2)
      const { baseline, events } = await store.readHistory(order('1'))
      assert.equal(trips() - before, 3)
      assert.deepEqual(events, [])
      assert.deepEqual(baseline, { version: 3, rows: { root, children: [lines.slice(0, 1)] } })
      const third = {
        ...append(order('1'), 3),
        state: { ...change(3), root: undefined },
        ends: true,
      } as never
      assert.equal((await store.commit(unit([third]))).ok, true)
      assert.equal(trips() - before, 4)
    }))

  it('a commit in a transaction with one append adds no more than the append itself', () =>
    counted(async (store, trips) => {
      const rows = [{ view: 'V', key: 'k', row: {} }]
      let before = trips()
      assert.equal((await store.commit(unit([append(order('1'), 0)], { rows }))).ok, true)
      const plain = trips() - before
      before = trips()
      const it = { ...append(order('2'), 0), state: change(0), claims: claims('x') }
      assert.equal((await store.commit(unit([it], { rows }))).ok, true)
      assert.equal(trips() - before, plain)
    }))

  it('to open a context whose tables are up to date takes one more than one without', () =>
    counted(async (store, trips, storage) => {
      const count = async (of?: readonly KeptAggregate[]): Promise<number> => {
        const before = trips()
        await storage.openContext(store.context, of)
        return trips() - before
      }
      const without = await count()
      assert.equal(await count(kept), without + 1)
    }))
})

describe('a load', () => {
  it('reads no event that the snapshot holds already, however long the stream is', async () => {
    const pool = new pg.Pool({ ...database.config, max: 1 })
    const storage = postgresStorage({ pool, ownsPool: true })
    const store = await storage.openContext(freshName(), [{ aggregate: 'Order', shape: 's' }])
    await store.commit(unit([append(order('1'), 0, 500)]))
    await store.keepSnapshot(order('1'), { version: 500, shape: 's', state: {} })
    await store.commit(unit([append(order('1'), 500)]))
    for (let i = 0; i < 8; i++) await store.readHistory(order('1'))
    const prepared = await pool.query(
      `select name from pg_prepared_statements where statement like '%snapshots n%'`,
    )
    const plan = await pool.query(
      `explain (analyze, costs off, timing off) execute ${prepared.rows[0].name}('', 'Order', '1', 's')`,
    )
    const text = plan.rows.map((it: Record<string, string>) => it['QUERY PLAN']).join('\n')
    assert.match(text, /Index Cond: .*version > /)
    assert.doesNotMatch(text, /Rows Removed by (?:Join )?Filter: \d{2}/)
    await storage.close()
  })
})

describe('somebody else’s hands in a row', () => {
  it('a row changed between the look and the write refuses the commit, and all of it', async () => {
    const storage = database.open()
    const store = await storage.openContext(freshName(), kept)
    const table = `${store.context.toLowerCase()}."order"`
    await store.commit(unit([{ ...append(order('1'), 0), state: change(0) }]))
    const hand = await database.pool.connect()
    await hand.query(`begin; update ${table} set version = 7 where id = '1'`)
    const next = { ...append(order('1'), 1), state: change(1, [['c', 0, 'fig', 1]]), claims: claims('x') }
    const waiting = store.commit(unit([next]))
    await new Promise((resolve) => setTimeout(resolve, 100))
    await hand.query('commit')
    hand.release()
    assert.deepEqual(await waiting, { ok: false, reason: 'row', stream: order('1') })
    const { version, row, baseline } = await store.readHistory(order('1'))
    assert.deepEqual([version, row, baseline?.version], [1, 7, 7])
    assert.ok(baseline && 'rows' in baseline)
    assert.deepEqual(baseline.rows.children, [lines])
    assert.equal(await store.findClaim('', 'Order', { name: 'Taken', value: 'x' }), undefined)
    await storage.close()
  })

  it('a row inserted between the look and the write refuses the commit', async () => {
    const storage = database.open()
    const store = await storage.openContext(freshName(), kept)
    const table = `${store.context.toLowerCase()}."order"`
    const hand = await database.pool.connect()
    await hand.query(`begin; insert into ${table} (tenant, id, version, shape) values ('', '1', 1, 's')`)
    const waiting = store.commit(unit([{ ...append(order('1'), 0), state: change(0) }]))
    await new Promise((resolve) => setTimeout(resolve, 100))
    await hand.query('commit')
    hand.release()
    assert.deepEqual(await waiting, { ok: false, reason: 'row', stream: order('1') })
    assert.deepEqual((await store.readStream(order('1'))).version, 0)
    // Seen before a stream is there, too.
    assert.equal((await store.readHistory(order('1'))).row, 1)
    await storage.close()
  })

  it('writers with rows, writers without and hands never leave a stream half written', async () => {
    const storage = database.open()
    const store = await storage.openContext(freshName(), kept)
    const table = `${store.context.toLowerCase()}."order"`
    const outcomes: string[] = []
    const write = async (withRows: boolean): Promise<void> => {
      for (let i = 0; i < 40; i++) {
        const { version, row = 0 } = await store.readHistory(order('1'))
        const state = { ...change(row, [[`l${version}`, 0, 'sku', version]]), whole: true }
        const outcome = await store.commit(
          unit([{ ...append(order('1'), version), ...(withRows && { state }) }]),
        )
        outcomes.push(outcome.ok ? 'ok' : outcome.reason)
      }
    }
    const meddle = async (): Promise<void> => {
      for (let i = 0; i < 40; i++) {
        await database.pool.query(`update ${table} set version = version - 1 where version > 1`)
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    }
    await Promise.all([write(true), write(true), write(false), meddle()])
    const { version, events } = await store.readStream(order('1'))
    assert.equal(version, outcomes.filter((it) => it === 'ok').length)
    assert.deepEqual(
      events.map((it) => it.version),
      events.map((_, i) => i + 1),
    )
    const lines = await database.pool.query(`select 1 from ${store.context.toLowerCase()}.order_lines`)
    assert.equal(lines.rows.length, 1)
    await storage.close()
  })
})

describe('claims', () => {
  it('that two streams want of each other at once are refused to both, whatever deadlock they met in', async () => {
    const storage = database.open()
    const store = await storage.openContext(freshName(), kept)
    for (let round = 0; round < 20; round++) {
      const [a, b] = [order(`a${round}`), order(`b${round}`)]
      const [x, y] = [`x${round}`, `y${round}`]
      await store.commit(unit([{ ...append(a, 0), claims: claims(x) }]))
      await store.commit(unit([{ ...append(b, 0), claims: claims(y) }]))
      const outcomes = await Promise.all([
        store.commit(unit([{ ...append(a, 1), claims: claims(y, x) }])),
        store.commit(unit([{ ...append(b, 1), claims: claims(x, y) }])),
      ])
      const refused = { ok: false, reason: 'unique' }
      assert.deepEqual(outcomes, [
        { ...refused, stream: a, claim: { name: 'Taken', value: y } },
        { ...refused, stream: b, claim: { name: 'Taken', value: x } },
      ])
      const held = [x, y].map((value) => store.findClaim('', 'Order', { name: 'Taken', value }))
      assert.deepEqual(await Promise.all(held), [a.id, b.id])
    }
    await storage.close()
  })
})

describe('settings of the session', () => {
  const odd =
    '-c datestyle=German -c timezone=Asia/Seoul -c bytea_output=escape -c extra_float_digits=-15 -c intervalstyle=sql_standard -c search_path=nowhere -c standard_conforming_strings=off -c default_transaction_isolation=serializable'

  it('change nothing of what is stored and read', async () => {
    const storage = postgresStorage({
      pool: new pg.Pool({ ...database.config, options: odd }),
      ownsPool: true,
    })
    const store = await storage.openContext(freshName(), kept)
    const stranger = ['it\\\'s "x"', -1.7976931348623157e308, '-004712-01-01T00:00:00.001Z', 'XFwnIg==']
    for (const [i, cells] of [root, stranger].entries()) {
      const rows = { root: cells, children: [lines] }
      const state = { ...change(0), root: cells }
      const [one, two] = [order(`one ${i}`), order(`two ${i}`)]
      assert.equal((await store.commit(unit([{ ...append(one, 0), state }]))).ok, true)
      const both = [{ ...append(two, 0), state }, append(order(`beside ${i}`), 0)]
      assert.equal((await store.commit(unit(both))).ok, true)
      for (const stream of [one, two]) {
        const { baseline } = await store.readHistory(stream)
        assert.deepEqual(baseline, { version: 1, rows })
      }
    }
    await storage.close()
  })
})

const within = async (run: (store: ContextStore, client: pg.PoolClient) => Promise<void>): Promise<void> => {
  const storage = database.open()
  const client = await database.pool.connect()
  try {
    await run(await storage.openContext(freshName(), kept), client)
  } finally {
    client.release()
    await storage.close()
  }
}
const rejects = (work: () => Promise<unknown>, code: Parameters<typeof isDureError>[1]): Promise<void> =>
  assert.rejects(work, (error) => isDureError(error, code) || assert.fail(String(error)))

describe('transactions of the user', () => {
  it('are joined on a client of pg that has begun one, and on nothing else', () =>
    within(async (store, client) => {
      const joined = (it: object) => store.within?.(it) ?? assert.fail()
      const saved = unit([{ ...append(order('1'), 0), state: change(0), claims: claims('x') }])
      for (const it of [{}, null, 'client', database.pool]) {
        await rejects(async () => joined(it as object), 'DURE_TRANSACTION_CLIENT_INVALID')
      }
      await rejects(() => joined(client).commit(saved), 'DURE_TRANSACTION_CLIENT_INVALID')
      assert.equal((await store.readStream(order('1'))).version, 0)
      await client.query('begin')
      assert.equal((await joined(client).commit(saved)).ok, true)
      await client.query('rollback')
      assert.equal((await store.readStream(order('1'))).version, 0)
      await client.query('begin')
      assert.equal((await joined(client).commit(saved)).ok, true)
      await client.query('commit')
      assert.equal((await store.readHistory(order('1'))).baseline?.version, 1)
    }))

  it('that hide a failed statement or a refused commit are told so, and nothing is stored', () =>
    within(async (store) => {
      const transact = store.transact?.bind(store) ?? assert.fail()
      const saved = unit([append(order('1'), 0)])
      await rejects(
        () =>
          transact(async (sql, inside) => {
            await inside.commit(saved)
            await sql.query('select 1 / 0').catch(() => undefined)
          }),
        'DURE_STORE_REFUSED',
      )
      assert.equal((await store.readStream(order('1'))).version, 0)
      await store.commit(saved)
      await rejects(() => transact((_, inside) => inside.commit(saved)), 'DURE_COMMIT_INVALID')
      const error = await transact((sql) => sql.query('select 1 / 0')).catch((it: unknown) => it)
      assert.equal((error as { code?: unknown }).code, '22012')
    }))
})
