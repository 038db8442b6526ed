import assert from 'node:assert/strict'
import { isDureError } from '../../kernel/error.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { ContextStore } from '../../ports/store.ts'
import type { RowQuery } from '../../ports/view-store.ts'
import { append, order, type StorageCase, unit } from './harness.ts'

function write(
  store: ContextStore,
  view: string,
  rows: Readonly<Record<string, JsonObject | null>>,
): Promise<unknown> {
  const writes = Object.entries(rows).map(([key, row]) => ({ view, key, row }))
  return store.commit(unit([], { rows: writes }))
}

/** In the order that the port prescribes. */
const ordered: readonly Json[] = [
  null,
  false,
  true,
  -1.5,
  0,
  2,
  10,
  1e21,
  '',
  '10',
  '2',
  'A',
  'a',
  'é',
  '\uffee',
  '🙂',
]

export const rowCases: readonly StorageCase[] = [
  {
    name: 'rows are written, replaced and removed',
    async run({ fresh }) {
      const store = await fresh()
      await write(store, 'V', { a: { n: 1 }, b: { n: 2 } })
      await write(store, 'V', { a: null, b: { n: 3 }, c: { n: 4 }, nobody: null })
      const rows = await store.readRows('V', ['a', 'b', 'c', 'b', 'nobody'])
      assert.deepEqual(
        rows,
        new Map([
          ['b', { n: 3 }],
          ['c', { n: 4 }],
        ]),
      )
      assert.equal((await store.readRows('V', [])).size, 0)
      assert.equal((await store.readRows('W', ['b'])).size, 0)
    },
  },
  {
    name: 'of several writes of one row in a commit the last counts',
    async run({ fresh }) {
      const store = await fresh()
      const rows = [
        { view: 'V', key: 'a', row: { n: 1 } },
        { view: 'V', key: 'b', row: { n: 1 } },
        { view: 'V', key: 'a', row: null },
        { view: 'V', key: 'c', row: null },
        { view: 'V', key: 'c', row: { n: 2 } },
        { view: 'V', key: 'b', row: { n: 3 } },
      ]
      await store.commit(unit([append(order('1'), 0)], { rows }))
      assert.deepEqual(await store.queryRows('V', { limit: 10 }), [{ n: 3 }, { n: 2 }])
    },
  },
  {
    name: 'a query compares fields exactly',
    async run({ fresh }) {
      const store = await fresh()
      await write(store, 'V', {
        a: { status: 'open', tags: ['x', 'y'], at: { city: 'Seoul', zip: 1 } },
        b: { status: 'open', tags: ['x'], at: { zip: 1, city: 'Seoul' }, gone: null },
        c: { status: 'shut', tags: [], at: {} },
        d: { status: 1 },
      })
      const keys = async (where: JsonObject): Promise<number> =>
        (await store.queryRows('V', { where, limit: 9 })).length
      assert.equal(await keys({}), 4)
      assert.equal(await keys({ status: 'open' }), 2)
      assert.equal(await keys({ status: '1' }), 0)
      assert.equal(await keys({ status: 1 }), 1)
      assert.equal(await keys({ status: 'open', tags: ['x'] }), 1)
      assert.equal(await keys({ tags: ['y', 'x'] }), 0)
      assert.equal(await keys({ at: { zip: 1, city: 'Seoul' } }), 2)
      assert.equal(await keys({ at: { city: 'Seoul' } }), 0)
      assert.equal(await keys({ gone: null }), 1)
      assert.equal(await keys({ "it's": 1 }), 0)
      assert.equal(await keys({ ['__proto__']: 1 }), 0)
      assert.equal(await keys({ constructor: null }), 0)
    },
  },
  {
    name: 'a query sorts by a field of any kind, then by key, both ways',
    async run({ fresh }) {
      const store = await fresh()
      const rows = ordered.map((value, i) => [`k${(i * 7) % 16}`, { i, value }] as const)
      await write(store, 'V', { ...Object.fromEntries(rows), k99: { i: 99, value: [1] } })
      const all = await store.queryRows('V', { orderBy: 'value', limit: 100 })
      const expected = [...ordered.keys(), 99]
      assert.deepEqual(
        all.map((it) => it['i']),
        expected,
      )
      const down = await store.queryRows('V', { orderBy: 'value', descending: true, limit: 100 })
      assert.deepEqual(
        down.map((it) => it['i']),
        expected.toReversed(),
      )
    },
  },
  {
    name: 'ties and rows without the field go by key, by code point',
    async run({ fresh }) {
      const store = await fresh()
      const keys = ['🙂', 'b', '\uffee', 'B', 'a']
      await write(store, 'V', Object.fromEntries(keys.map((key) => [key, { key, same: 1 }])))
      const byCodePoint = ['B', 'a', 'b', '\uffee', '🙂']
      for (const orderBy of [undefined, 'same', 'missing']) {
        for (const descending of [false, true]) {
          const query = { limit: 100, descending, ...(orderBy !== undefined && { orderBy }) }
          const found = (await store.queryRows('V', query)).map((it) => it['key'])
          assert.deepEqual(found, descending ? byCodePoint.toReversed() : byCodePoint)
        }
      }
    },
  },
  {
    name: 'a query is paged',
    async run({ fresh }) {
      const store = await fresh()
      const rows = Array.from({ length: 25 }, (_, n) => [`k${100 + n}`, { n, odd: n % 2 === 1 }] as const)
      await write(store, 'V', Object.fromEntries(rows))
      const page = async (offset: number, limit: number): Promise<unknown[]> => {
        const found = await store.queryRows('V', { where: { odd: true }, orderBy: 'n', offset, limit })
        return found.map((it) => it['n'])
      }
      assert.deepEqual(await page(0, 3), [1, 3, 5])
      assert.deepEqual(await page(10, 3), [21, 23])
      assert.deepEqual(await page(12, 3), [])
      assert.equal((await store.queryRows('V', { limit: 1000 })).length, 25)
    },
  },
  {
    name: 'a query goes on after a key, by code point, both ways',
    async run({ fresh }) {
      const store = await fresh()
      const keys = ['B', 'a', 'b', '\uffee', '🙂']
      await write(store, 'V', Object.fromEntries(keys.map((key) => [key, { key, odd: key !== 'b' }])))
      const page = async (query: Omit<RowQuery, 'limit'>): Promise<unknown[]> =>
        (await store.queryRows('V', { ...query, limit: 2 })).map((it) => it['key'])
      assert.deepEqual(await page({ after: '' }), ['B', 'a'])
      assert.deepEqual(await page({ after: 'a' }), ['b', '\uffee'])
      assert.deepEqual(await page({ after: 'aa' }), ['b', '\uffee'])
      assert.deepEqual(await page({ after: 'a', where: { odd: true } }), ['\uffee', '🙂'])
      assert.deepEqual(await page({ after: '\uffee' }), ['🙂'])
      assert.deepEqual(await page({ after: '🙂' }), [])
      assert.deepEqual(await page({ after: '\uffee', descending: true }), ['b', 'a'])
    },
  },
  {
    name: 'a query out of bounds is refused',
    async run({ fresh }) {
      const store = await fresh()
      const bad = [
        { limit: 0 },
        { limit: 1001 },
        { limit: 1.5 },
        { limit: 1, offset: -1 },
        { limit: 1, offset: 0.5 },
        { limit: 1, after: 'a', orderBy: 'n' },
      ]
      for (const query of bad) {
        await assert.rejects(
          () => store.queryRows('V', query),
          (error) => isDureError(error, 'DURE_ROW_QUERY_INVALID'),
        )
      }
    },
  },
  {
    name: 'a thousand rows in one commit',
    async run({ fresh }) {
      const store = await fresh()
      const keys = Array.from({ length: 1000 }, (_, i) => `k${i}`)
      await write(
        store,
        'V',
        Object.fromEntries(keys.map((key, i) => [key, { i, text: `"${key}", {a} \\ NULL` }])),
      )
      const rows = await store.readRows('V', keys)
      assert.equal(rows.size, 1000)
      for (const [i, key] of keys.entries()) {
        assert.deepEqual(rows.get(key), { i, text: `"${key}", {a} \\ NULL` })
      }
    },
  },
]
