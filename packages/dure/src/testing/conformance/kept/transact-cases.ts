import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { ContextStore } from '../../../ports/store.ts'
import type { SqlTransaction, Transacting } from '../../../ports/transact.ts'
import { append, order, places, readUntil, type StorageCase, unit } from '../harness.ts'
import { claiming, holder } from './claim-cases.ts'
import { commitState, kept, loaded, orderRows, whole } from './orders.ts'

const rows = orderRows(['ann', 1, null], [['l', 0, 'apple', 1]])
const stands = { version: 1, ended: false, events: [], at: 1, rows, row: 1 }
const saving = (id: string) => unit([{ ...claiming(order(id), 0, [id]), state: whole(0, rows) }])

type Transact = Transacting['transact']

/** A table of the user's own, and what stands in it. */
interface Own {
  readonly transact: Transact
  readonly insert: (sql: SqlTransaction, text: string) => Promise<unknown>
  readonly texts: () => Promise<string[]>
}

async function withOwnTable(store: ContextStore, run: (own: Own) => Promise<void>): Promise<void> {
  const transact: Transact = (work) => (store.transact ? store.transact(work) : assert.fail('no transact'))
  const table = `dure_try_${randomUUID().replaceAll('-', '')}`
  await transact((sql) => sql.query(`create table ${table} (text varchar(100))`))
  const texts = async (sql: SqlTransaction): Promise<string[]> =>
    (await sql.query<{ text: string }>(`select text from ${table} order by text`)).map((it) => it.text)
  try {
    await run({
      transact,
      insert: (sql, text) => sql.query(`insert into ${table} (text) values ('${text}')`),
      texts: () => transact(texts),
    })
  } finally {
    await transact((sql) => sql.query(`drop table ${table}`))
  }
}

class Regret extends Error {}

export const transactCases: readonly StorageCase[] = [
  {
    name: 'a storage takes the SQL of its users exactly if it says so',
    async run({ harness, fresh }) {
      const store = await fresh()
      const takes = harness.sql === true ? 'function' : 'undefined'
      assert.deepEqual([typeof store.transact, typeof store.within], [takes, takes])
    },
  },
  {
    name: 'SQL of one’s own and a commit are stored together, and what the work resolves to is the answer',
    needs: 'sql',
    async run({ fresh }) {
      const store = await fresh(kept)
      await withOwnTable(store, async ({ transact, insert, texts }) => {
        const reader = store.openLog(0)
        let heard = 0
        store.onCommit(() => heard++)
        const answer = await transact(async (sql, inside) => {
          await insert(sql, 'before')
          assert.equal((await inside.commit(saving('1'))).ok, true)
          await insert(sql, 'after')
          assert.equal(heard, 0)
          return 'answer'
        })
        assert.equal(answer, 'answer')
        assert.deepEqual(await texts(), ['after', 'before'])
        assert.deepEqual(await loaded(store), stands)
        assert.equal(await holder(store, '1'), '1')
        assert.deepEqual(places(await readUntil(reader, (events) => events.length >= 1)), ['1/1'])
        await pause(0)
        assert.equal(heard, 1)
      })
    },
  },
  {
    name: 'work that rejects rolls everything back, and rejects with its own error',
    needs: 'sql',
    async run({ fresh }) {
      const store = await fresh(kept)
      await withOwnTable(store, async ({ transact, insert, texts }) => {
        const regret = new Regret('no')
        const work = transact(async (sql, inside) => {
          await insert(sql, 'gone')
          assert.equal((await inside.commit(saving('1'))).ok, true)
          throw regret
        })
        await assert.rejects(work, (error) => error === regret)
        assert.deepEqual(await texts(), [])
        assert.deepEqual(await loaded(store), { version: 0, ended: false, events: [] })
        assert.equal(await holder(store, '1'), undefined)
        const later = await commitState(store, 0, whole(0, rows), order('2'))
        assert.equal(later.ok, true)
        const log = await readUntil(store.openLog(0), (events) => events.length >= 1)
        assert.deepEqual(places(log), ['2/1'])
      })
    },
  },
  {
    name: 'a commit that is refused inside takes the SQL beside it back too',
    needs: 'sql',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitState(store, 0, whole(0, rows))
      await store.commit(unit([claiming(order('9'), 0, ['1'])]))
      const refusals = [
        { unit: saving('1'), reason: 'version' },
        { unit: unit([claiming(order('2'), 0, ['1'])]), reason: 'unique' },
        { unit: unit([{ ...append(order('1'), 1), state: whole(7, rows) }]), reason: 'row' },
      ]
      await withOwnTable(store, async ({ transact, insert, texts }) => {
        for (const each of refusals) {
          const work = transact(async (sql, inside) => {
            await insert(sql, each.reason)
            const outcome = await inside.commit(each.unit)
            assert.ok(!outcome.ok)
            assert.equal(outcome.reason, each.reason)
            throw new Regret(outcome.reason)
          })
          await assert.rejects(work, Regret)
        }
        assert.deepEqual(await texts(), [])
        assert.deepEqual(await loaded(store), stands)
        assert.equal((await store.readStream(order('2'))).version, 0)
      })
    },
  },
  {
    name: 'a commit that is refused inside stores nothing, even if the work goes on as if it had not been',
    needs: 'sql',
    async run({ fresh }) {
      const store = await fresh(kept)
      await store.commit(unit([claiming(order('9'), 0, ['x'])]))
      await withOwnTable(store, async ({ transact }) => {
        const refused = { ...claiming(order('2'), 0, ['free', 'x']), state: whole(0, rows) }
        const work = transact(async (_, inside) => {
          const outcome = await inside.commit(unit([append(order('3'), 0), refused]))
          assert.equal(outcome.ok, false)
        })
        // A store may refuse to end such a transaction well, and need not.
        await Promise.allSettled([work])
        for (const id of ['2', '3']) {
          assert.deepEqual(await loaded(store, order(id)), { version: 0, ended: false, events: [] })
        }
        assert.equal(await holder(store, 'free'), undefined)
        assert.deepEqual(places(await readUntil(store.openLog(0), (events) => events.length >= 1)), ['9/1'])
      })
    },
  },
  {
    name: 'a load inside sees what was committed inside, and nobody outside does before the end',
    needs: 'sql',
    async run({ fresh }) {
      const store = await fresh(kept)
      await withOwnTable(store, async ({ transact }) => {
        await transact(async (_, inside) => {
          assert.equal((await inside.readHistory(order('1'))).version, 0)
          assert.equal((await inside.commit(saving('1'))).ok, true)
          const { version, baseline } = await inside.readHistory(order('1'))
          assert.deepEqual({ version, baseline }, { version: 1, baseline: { version: 1, rows } })
          const next = { ...append(order('1'), 1), state: whole(1, rows) }
          assert.equal((await inside.commit(unit([next]))).ok, true)
          assert.equal((await inside.readHistory(order('1'), 1)).events.length, 1)
          assert.equal((await store.readHistory(order('1'))).version, 0)
        })
        assert.deepEqual(await loaded(store), { ...stands, version: 2, at: 2, row: 2 })
      })
    },
  },
  {
    name: 'of racing transactions on one aggregate one wins, with its SQL',
    needs: 'sql',
    async run({ fresh }) {
      const store = await fresh(kept)
      await withOwnTable(store, async ({ transact, insert, texts }) => {
        const tries = await Promise.allSettled(
          Array.from({ length: 6 }, (_, i) =>
            transact(async (sql, inside) => {
              await insert(sql, `writer ${i}`)
              const outcome = await inside.commit(saving('1'))
              if (!outcome.ok) throw new Regret(outcome.reason)
            }),
          ),
        )
        const won = tries.findIndex((it) => it.status === 'fulfilled')
        assert.deepEqual(
          tries.map((it) => (it.status === 'fulfilled' ? '' : (it.reason as Error).message)),
          tries.map((_, i) => (i === won ? '' : 'version')),
        )
        assert.deepEqual(await texts(), [`writer ${won}`])
        assert.equal((await store.readStream(order('1'))).version, 1)
      })
    },
  },
  {
    name: 'a store joins a transaction that somebody else ends, and its readers hear when they are told',
    needs: 'sql',
    async run({ fresh }) {
      const store = await fresh(kept)
      await withOwnTable(store, async ({ transact, insert, texts }) => {
        const joined = await transact(async (sql) => {
          const inside = store.within?.(sql.client) ?? assert.fail('no within')
          await insert(sql, 'beside')
          assert.equal((await inside.commit(saving('1'))).ok, true)
          assert.equal((await inside.readHistory(order('1'))).version, 1)
          assert.equal((await store.readHistory(order('1'))).version, 0)
          return inside
        })
        let heard = 0
        store.onCommit(() => heard++)
        joined.committed()
        await pause(0)
        assert.equal(heard, 1)
        assert.deepEqual(await loaded(store), stands)
        assert.deepEqual(await texts(), ['beside'])
        assert.deepEqual(places(await readUntil(store.openLog(0), (events) => events.length >= 1)), ['1/1'])
      })
    },
  },
]
