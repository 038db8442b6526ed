import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, it, vi } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../../test/fixtures/postgres-database.ts'
import { isDureError } from '../../../kernel/error.ts'
import type { Commit, StreamId } from '../../../ports/event-store.ts'
import type { StateChange } from '../../../ports/state-store.ts'
import type { ContextStore } from '../../../ports/store.ts'
import { append, freshName, order, unit } from '../../../testing/conformance/harness.ts'
import { difference, kept } from '../../../testing/conformance/kept/orders.ts'
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

/** A store of orders, and the texts of the statements that went to the server since the last look. */
async function watched(
  run: (store: ContextStore, sent: () => readonly string[], schema: string) => Promise<void>,
): Promise<void> {
  const pool = new pg.Pool({ ...database.config, max: 12 })
  // A connection that is being ended when its database is dropped would otherwise end the test run.
  pool.on('error', () => undefined)
  let texts: string[] = []
  const wrapped = new WeakMap<object, PgClient>()
  const watching: PgPool = {
    async connect() {
      const client = await pool.connect()
      const known = wrapped.get(client) ?? {
        query: (query) => (texts.push(query.text), client.query(query as never)),
        release: (destroy) => client.release(destroy),
      }
      wrapped.set(client, known)
      return known
    },
    end: () => pool.end(),
  }
  const storage = postgresStorage({ pool: watching, ownsPool: true, wake: false })
  const sent = (): readonly string[] => {
    const found = texts
    texts = []
    return found
  }
  try {
    const store = await storage.openContext(freshName(), kept)
    await run(store, sent, store.context.toLowerCase())
  } finally {
    await storage.close()
  }
}

const lines = (from: number): StateChange =>
  difference(from, ['ann', from, null], {
    upserts: [
      ['a', 0, 'apple', from],
      ['b', 1, 'pear', from],
    ],
  })

const saved = (id: string, from: number, state = lines(from)): Commit =>
  unit([{ ...append(order(id), from), state }])

const claims = (id: string) => ({ drop: [], take: [{ name: 'Taken', value: id }] })

const ids = Array.from({ length: 64 }, (_, i) => `o${i}`)

async function versionsOf(store: ContextStore, streams: readonly StreamId[]): Promise<readonly unknown[]> {
  const found = await Promise.all(streams.map((it) => store.readHistory(it)))
  return found.map(({ version, row }) => [version, row])
}

it('commits with rows that come at once share statements, one after another each is its own', () =>
  watched(async (store, sent) => {
    const save = async (from: number): Promise<readonly string[]> => {
      sent()
      const outcomes = await Promise.all(ids.map((id) => store.commit(saved(id, from))))
      assert.ok(outcomes.every((it) => it.ok))
      return sent().filter((it) => it.includes('order_lines'))
    }
    for (const from of [0, 1, 2]) {
      // The first alone, then all that have waited for it, in two halves; some more where the machine is busy.
      assert.ok((await save(from)).length <= 10, `from ${from}`)
    }
    const alone = new Set<string>()
    for (const id of ids.slice(0, 10)) {
      sent()
      assert.equal((await store.commit(saved(id, 3))).ok, true)
      const [text = '', ...more] = sent()
      assert.deepEqual(more, [])
      assert.ok(!text.includes('asked'))
      alone.add(text)
    }
    assert.equal(alone.size, 1)
    assert.deepEqual(
      await versionsOf(
        store,
        ids.map((id) => order(id)),
      ),
      ids.map((_, i) => (i < 10 ? [4, 4] : [3, 3])),
    )
  }))

it('looks at rows that come at once share statements', () =>
  watched(async (store, sent) => {
    await Promise.all(ids.map((id) => store.commit(saved(id, 0))))
    sent()
    const found = await Promise.all(ids.map((id) => store.isCurrent(order(id), 1)))
    assert.ok(found.every((it) => it))
    assert.ok(sent().length <= 10)
    assert.equal(await store.isCurrent(order('o1'), 1), true)
    assert.equal(sent().length, 1)
  }))

it('loads of rows that come at once share statements', () =>
  watched(async (store, sent) => {
    await Promise.all(ids.map((id) => store.commit(saved(id, 0))))
    sent()
    const found = await Promise.all(ids.map((id) => store.readHistory(order(id))))
    assert.ok(found.every((it) => it.baseline?.version === 1))
    // Two begin at once, and no more than some thirty go together.
    const count = sent().length
    assert.ok(count >= 2 && count <= 15, `${count}`)
    await store.readHistory(order('o1'))
    assert.equal(sent().length, 1)
  }))

it('of rows that are loaded at once, each tenant gets its own', () =>
  watched(async (store, sent) => {
    const streams = ids.map((id, i) => ({ ...order(id.slice(0, 2)), tenant: `t${i}` }))
    const states = streams.map((_, i) => difference(0, ['ann', i, null], { upserts: [] }))
    for (const [i, stream] of streams.entries()) {
      // Some have a second event, so that a stream of another tenant would show by its version too.
      const events =
        i % 2 === 0 ? append(stream, 0).events : [...append(stream, 0).events, ...append(stream, 0).events]
      await store.commit(unit([{ ...append(stream, 0), events, state: states[i] as StateChange }]))
    }
    sent()
    const found = await Promise.all(streams.map((it) => store.readHistory(it)))
    assert.ok(sent().length < streams.length)
    for (const [i, { version, row, baseline }] of found.entries()) {
      assert.deepEqual([version, row], i % 2 === 0 ? [1, 1] : [2, 2], `${i}`)
      assert.ok(baseline !== undefined && 'rows' in baseline)
      assert.equal(Number(baseline.rows.root[1]), i)
    }
  }))

it('changes of other kinds than their own do not go with them: removed rows, whole rows, claims', () =>
  watched(async (store, sent) => {
    await Promise.all(ids.map((id) => store.commit(saved(id, 0))))
    sent()
    const [removing, whole, claiming, plain] = [
      ids.slice(0, 16),
      ids.slice(16, 32),
      ids.slice(32, 48),
      ids.slice(48),
    ]
    const gone = difference(1, ['ann', 9, null], { removes: [['a']] })
    const outcomes = await Promise.all([
      ...removing.map((id) => store.commit(saved(id, 1, gone))),
      ...whole.map((id) => store.commit(saved(id, 1, { ...lines(1), whole: true }))),
      ...claiming.map((id) =>
        store.commit(unit([{ ...append(order(id), 1), state: lines(1), claims: claims(id) }])),
      ),
      ...plain.map((id) => store.commit(saved(id, 1))),
    ])
    assert.ok(outcomes.every((it) => it.ok))
    const writes = sent().filter((it) => it.includes('order_lines')).length
    assert.ok(writes === 48 + 1 || writes === 48 + 2, `${writes}`)
    for (const id of ids) {
      const { version, baseline } = await store.readHistory(order(id))
      assert.ok(version === 2 && baseline?.version === 2 && 'rows' in baseline)
      assert.equal(baseline.rows.children[0]?.length, removing.includes(id) ? 1 : 2, id)
    }
  }))

it('of fifty commits with rows one that breaks a rule of its table fails alone', () =>
  watched(async (store) => {
    for (const from of [0, 1]) {
      const orphan = difference(from, ['eve', 0, null], {}, { upserts: [['no line', 'part', 0, 1]] })
      const good = ids.slice(0, 50)
      const all = [...good.slice(0, 25), 'bad', ...good.slice(25)]
      const outcomes = await Promise.allSettled(
        all.map((id) => store.commit(saved(id, from, id === 'bad' ? orphan : lines(from)))),
      )
      for (const [i, id] of all.entries()) {
        const it = outcomes[i]
        if (id !== 'bad') assert.ok(it?.status === 'fulfilled' && it.value.ok, id)
        else assert.ok(it?.status === 'rejected' && isDureError(it.reason, 'DURE_STATE_UNSTORABLE'))
      }
      assert.deepEqual(await versionsOf(store, [order('bad'), order('o7')]), [
        from === 0 ? [0, undefined] : [1, 1],
        [from + 1, from + 1],
      ])
      if (from === 0) await store.commit(saved('bad', 0))
    }
  }))

it('who waits for a row that somebody holds does not make the others wait', () =>
  watched(async (store, _, schema) => {
    await Promise.all(ids.map((id) => store.commit(saved(id, 0))))
    const hand = await database.pool.connect()
    await hand.query(`begin; select 1 from ${schema}."order" where id = 'o5' for update`)
    let held = true
    const commits = ids.map(async (id) => ({ id, ok: (await store.commit(saved(id, 1))).ok, held }))
    await Promise.all(commits.filter((_, i) => ids[i] !== 'o5'))
    held = false
    await hand.query('commit')
    hand.release()
    const done = await Promise.all(commits)
    assert.deepEqual(
      done.map((it) => [it.ok, it.held]),
      ids.map((id) => [true, id !== 'o5']),
    )
  }))

it('a row that somebody removes meanwhile refuses its own commit, and is not put in anew', () =>
  watched(async (store, _, schema) => {
    await Promise.all(ids.map((id) => store.commit(saved(id, 0))))
    const hand = await database.pool.connect()
    await hand.query(`begin; delete from ${schema}."order" where id = 'o5'`)
    const waiting = Promise.all(ids.map((id) => store.commit(saved(id, 1))))
    // Before those that wait for it lose their patience, so that the group itself meets what it finds then.
    await pause(50)
    await hand.query('commit')
    hand.release()
    for (const [i, outcome] of (await waiting).entries()) {
      if (ids[i] === 'o5') assert.deepEqual(outcome, { ok: false, reason: 'row', stream: order('o5') })
      else assert.equal(outcome.ok, true)
    }
    assert.deepEqual(await versionsOf(store, [order('o5'), order('o6')]), [
      [1, undefined],
      [2, 2],
    ])
    const { rows } = await database.pool.query(`select 1 from ${schema}."order" where id = 'o5'`)
    assert.deepEqual(rows, [])
  }))
