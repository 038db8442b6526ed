import assert from 'node:assert/strict'
import { append, commitTo, order, type StorageCase, unit } from '../harness.ts'
import { byParent, commitState, difference, gone, kept, loaded, orderRows, whole } from './orders.ts'

const lines = [
  ['l1', 0, 'apple', 2],
  ['l2', 1, 'pear', 1],
]
const parts = [
  ['l1', 'a', 0, 1.5],
  ['l1', 'b', 1, 2.5],
  ['l2', 'a', 0, null],
]
const full = orderRows(['ann', 7, 'in a hurry'], lines, parts, [['r', 0, 'ring twice']])
const empty = { version: 0, ended: false, events: [] }

export const stateCases: readonly StorageCase[] = [
  {
    name: 'the rows of an aggregate are where a load of it begins',
    async run({ fresh }) {
      const store = await fresh(kept)
      assert.deepEqual(await loaded(store), empty)
      assert.equal((await commitState(store, 0, whole(0, full))).ok, true)
      const expected = { version: 1, ended: false, events: [], at: 1, rows: byParent(full), row: 1 }
      assert.deepEqual(await loaded(store), expected)
      assert.equal((await store.readStream(order('1'))).events.length, 1)
      const tail = await store.readHistory(order('1'), 1)
      assert.deepEqual(tail, { version: 1, ended: false, events: [] })
    },
  },
  {
    name: 'rows of several events in one append show the version of the last',
    async run({ fresh }) {
      const store = await fresh(kept)
      await store.commit(unit([{ ...append(order('1'), 0, 3), state: whole(0, full) }]))
      await store.commit(unit([{ ...append(order('1'), 3, 2), state: difference(3, ['bob', 1, null]) }]))
      const rows = byParent({ ...full, root: ['bob', 1, null] })
      assert.deepEqual(await loaded(store), { version: 5, ended: false, events: [], at: 5, rows, row: 5 })
    },
  },
  {
    name: 'a difference writes what it names and leaves the rest: rows put in, changed, moved and removed',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitState(store, 0, whole(0, full))
      const steps = [
        {
          change: difference(
            1,
            ['ann', 8, null],
            { upserts: [['l3', 2, 'fig', 9]] },
            { upserts: [['l3', 'a', 0, 0.25]] },
          ),
          lines: [...lines, ['l3', 2, 'fig', 9]],
          parts: [...parts, ['l3', 'a', 0, 0.25]],
        },
        {
          change: difference(
            2,
            ['ann', 8, null],
            {
              upserts: [
                ['l3', 0, 'fig', 9],
                ['l1', 2, 'apple', 2],
              ],
            },
            { upserts: [['l1', 'b', 0, 3]], removes: [['l1', 'a']] },
          ),
          lines: [
            ['l3', 0, 'fig', 9],
            ['l2', 1, 'pear', 1],
            ['l1', 2, 'apple', 2],
          ],
          parts: [
            ['l1', 'b', 0, 3],
            ['l2', 'a', 0, null],
            ['l3', 'a', 0, 0.25],
          ],
        },
      ]
      for (const [i, { change, ...rest }] of steps.entries()) {
        assert.equal((await commitState(store, i + 1, change)).ok, true)
        const rows = byParent(orderRows(change.root, rest.lines, rest.parts, full.children[2]))
        const at = i + 2
        assert.deepEqual(await loaded(store), { version: at, ended: false, events: [], at, rows, row: at })
      }
    },
  },
  {
    name: 'what stands inside a removed row goes with it, also where it is removed row by row',
    async run({ fresh }) {
      const store = await fresh(kept)
      const none = orderRows(['ann', 0, null])
      const ways = [
        difference(1, none.root, { removes: [['l1'], ['l2']] }),
        difference(
          1,
          none.root,
          { removes: [['l1'], ['l2']] },
          {
            removes: [
              ['l1', 'a'],
              ['l1', 'b'],
              ['l2', 'a'],
            ],
          },
        ),
        whole(1, none),
      ]
      for (const [i, change] of ways.entries()) {
        const stream = order(String(i))
        await commitState(store, 0, whole(0, { ...full, children: [lines, parts, []] }), stream)
        assert.equal((await commitState(store, 1, change, stream)).ok, true)
        // The line comes again, as another: nothing of the old one may be inside.
        const again = difference(2, none.root, { upserts: [['l1', 0, 'nut', 1]] })
        await commitState(store, 2, again, stream)
        const rows = orderRows(none.root, [['l1', 0, 'nut', 1]])
        const expected = { version: 3, ended: false, events: [], at: 3, rows, row: 3 }
        assert.deepEqual(await loaded(store, stream), expected)
      }
    },
  },
  {
    name: 'a whole write leaves nothing of the rows before it',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitState(store, 0, whole(0, full))
      const next = orderRows(
        [null, null, null],
        [['l2', 0, null, null]],
        [['l2', 'z', 0, 1]],
        [['s', 0, 'new']],
      )
      await commitState(store, 1, whole(1, next))
      const expected = { version: 2, ended: false, events: [], at: 2, rows: next, row: 2 }
      assert.deepEqual(await loaded(store), expected)
    },
  },
  {
    name: 'an aggregate that ends leaves no rows behind, whether it had any or not',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitState(store, 0, whole(0, full))
      assert.equal((await commitState(store, 1, gone(1))).ok, true)
      await commitTo(store, order('2'), 0)
      assert.equal((await commitState(store, 1, gone(0), order('2'))).ok, true)
      for (const id of ['1', '2']) {
        const { version, ended, baseline, row } = await store.readHistory(order(id))
        const expected = { version: 2, ended: true, baseline: undefined, row: undefined }
        assert.deepEqual({ version, ended, baseline, row }, expected)
      }
      const listed = await store.listStreams('Order', undefined, 10)
      assert.deepEqual(
        listed.map(({ row }) => row),
        [undefined, undefined],
      )
      for (const state of [whole(0, full), gone(0)]) {
        const again = await commitState(store, 2, state)
        assert.deepEqual(again, { ok: false, reason: 'version', stream: order('1') })
      }
    },
  },
  {
    name: 'a row that lags is healed: the load goes on from it, and the next write is whole',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitState(store, 0, whole(0, full))
      await commitTo(store, order('1'), 1, 2)
      const lagging = { version: 3, ended: false, events: [2, 3], at: 1, rows: byParent(full), row: 1 }
      assert.deepEqual(await loaded(store), lagging)
      const rows = orderRows(['ann', 9, null], [['l9', 0, 'plum', 1]])
      assert.equal((await commitState(store, 3, whole(1, rows))).ok, true)
      assert.deepEqual(await loaded(store), { version: 4, ended: false, events: [], at: 4, rows, row: 4 })
    },
  },
  {
    name: 'an aggregate without rows is loaded from its events, and its rows can be written at any time',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitTo(store, order('1'), 0, 2)
      assert.deepEqual(await loaded(store), { version: 2, ended: false, events: [1, 2] })
      assert.equal(await store.keepState(order('1'), 2, whole(0, full)), true)
      const expected = { version: 2, ended: false, events: [], at: 2, rows: byParent(full), row: 2 }
      assert.deepEqual(await loaded(store), expected)
      assert.equal((await store.readStream(order('1'))).version, 2)
      assert.equal(await store.keepState(order('1'), 2, gone(2)), true)
      assert.deepEqual(await loaded(store), { version: 2, ended: false, events: [1, 2] })
    },
  },
  {
    name: 'tenants and ids are apart in the tables too',
    async run({ fresh }) {
      const store = await fresh(kept)
      const streams = [
        order('1'),
        order('1', 'a'),
        order('1', 'A'),
        order('1 ', 'a'),
        order('', ''),
        order('"\'\\', 'x'),
      ]
      for (const [i, stream] of streams.entries()) {
        const rows = orderRows([`c${i}`, i, null], [['l', 0, `p${i}`, i]])
        assert.equal((await commitState(store, 0, whole(0, rows), stream)).ok, true)
      }
      await commitState(store, 1, gone(1), order('1', 'a'))
      for (const [i, stream] of streams.entries()) {
        if (i === 1) continue
        const rows = orderRows([`c${i}`, i, null], [['l', 0, `p${i}`, i]])
        const expected = { version: 1, ended: false, events: [], at: 1, rows, row: 1 }
        assert.deepEqual(await loaded(store, stream), expected)
      }
    },
  },
  {
    name: 'a list of thousands, and one of them changed',
    async run({ fresh }) {
      const store = await fresh(kept)
      const many = Array.from({ length: 5000 }, (_, i) => [`l${i}`, i, `product ${i}`, i])
      await commitState(store, 0, whole(0, orderRows(['ann', 1, null], many)))
      await commitState(
        store,
        1,
        difference(1, ['ann', 2, null], { upserts: [['l77', 77, 'other', 0]], removes: [['l4999']] }),
      )
      const expected = many.slice(0, -1)
      expected[77] = ['l77', 77, 'other', 0]
      const { baseline } = await store.readHistory(order('1'))
      assert.deepEqual(baseline, { version: 2, rows: orderRows(['ann', 2, null], expected) })
    },
  },
]
