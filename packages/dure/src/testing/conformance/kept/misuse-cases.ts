import assert from 'node:assert/strict'
import { isDureError } from '../../../kernel/error.ts'
import type { KeptAggregate, StateChange } from '../../../ports/state-store.ts'
import { append, order, type StorageCase, unit } from '../harness.ts'
import { difference, gone, kept, loaded, orderRows, whole } from './orders.ts'

const good = orderRows(['ann', 1, null], [['l', 0, 'apple', 1]])
const empty = { version: 0, ended: false, events: [] }

/** Changes that contradict themselves or the tables. */
const wrong: readonly StateChange[] = [
  whole(-1, good),
  whole(0.5, good),
  { ...whole(1, good), adopts: true },
  whole(0, orderRows(['ann', 1])),
  whole(0, orderRows(['ann', 1, null, null])),
  whole(0, orderRows([1, 1, null])),
  whole(0, orderRows(['ann', 'one', null])),
  whole(0, orderRows(['ann', 0.5, null])),
  whole(0, orderRows(['ann', 2 ** 53, null])),
  whole(0, orderRows(good.root, [['l', 0, 'apple']])),
  whole(0, orderRows(good.root, [['l', -1, 'apple', 1]])),
  whole(0, orderRows(good.root, [['l', null, 'apple', 1]])),
  whole(0, orderRows(good.root, [[null, 0, 'apple', 1]])),
  whole(0, orderRows(good.root, [[7, 0, 'apple', 1]])),
  whole(0, orderRows(good.root, good.children[0], [['l', 'a', 0, Number.NaN]])),
  whole(
    0,
    orderRows(good.root, [
      ['l', 0, 'apple', 1],
      ['l', 1, 'pear', 1],
    ]),
  ),
  difference(0, good.root, { upserts: good.children[0] ?? [], removes: [['l']] }),
  { ...whole(0, good), children: [] },
]

const unstorable: readonly StateChange[] = ['\0', 'a\0b', '\ud83d', 'a\udc00b'].flatMap((text) => [
  whole(0, orderRows([text, 1, null])),
  whole(0, orderRows(['ann', 1, text])),
  whole(0, orderRows(good.root, [[text, 0, 'apple', 1]])),
  whole(0, orderRows(good.root, [['l', 0, text, 1]])),
])

const odd: readonly KeptAggregate[] = [
  {
    aggregate: 'Order',
    shape: 'odd',
    tables: {
      derived: true,
      root: {
        name: 'odd',
        tenant: 'tenant',
        keys: ['id'],
        version: 'version',
        shape: 'shape',
        columns: [
          { name: 'json', kind: 'json', indexed: false },
          { name: 'big', kind: 'bigInt', indexed: false },
          { name: 'at', kind: 'instant', indexed: false },
          { name: 'ref', kind: 'text', indexed: true },
        ],
      },
      children: [],
    },
  },
]

export const misuseCases: readonly StorageCase[] = [
  {
    name: 'a change of rows that no store can carry out is refused, and nothing is stored',
    async run({ fresh }) {
      const store = await fresh(kept)
      for (const state of wrong) {
        for (const refused of [
          () => store.commit(unit([{ ...append(order('1'), 0), state }])),
          () => store.commit(unit([append(order('2'), 0), { ...append(order('1'), 0), state }])),
          () => store.keepState(order('1'), 1, state),
        ]) {
          await assert.rejects(refused, (error) => isDureError(error, 'DURE_COMMIT_INVALID'))
        }
      }
      for (const it of [
        { ...append(order('1'), 0), state: gone(0) },
        { ...append(order('1'), 0), state: whole(0, good), ends: true },
        { ...append({ ...order('1'), aggregate: 'Cart' }, 0), state: whole(0, good) },
        { ...append({ ...order('1'), aggregate: 'Other' }, 0), state: whole(0, good) },
      ]) {
        const refused = (): Promise<unknown> => store.commit(unit([it]))
        await assert.rejects(refused, (error) => isDureError(error, 'DURE_COMMIT_INVALID'))
      }
      for (const id of ['1', '2']) assert.deepEqual(await loaded(store, order(id)), empty)
    },
  },
  {
    name: 'a row inside one that is not there is refused, and nothing is stored',
    async run({ fresh }) {
      const store = await fresh(kept)
      await store.commit(unit([{ ...append(order('1'), 0), state: whole(0, good) }]))
      const inside = difference(1, good.root, {}, { upserts: [['other', 'a', 0, 1]] })
      const left = orderRows(good.root, [['m', 0, 'fig', 1]], [['l', 'a', 0, 1]])
      for (const state of [inside, whole(1, left)]) {
        const lost = { ...append(order('1'), 1), state }
        await assert.rejects(
          () => store.commit(unit([lost])),
          (error) => isDureError(error),
        )
        await assert.rejects(
          () => store.keepState(order('1'), 1, state),
          (error) => isDureError(error),
        )
      }
      const stands = { version: 1, ended: false, events: [], at: 1, rows: good, row: 1 }
      assert.deepEqual(await loaded(store), stands)
    },
  },
  {
    name: 'texts that no store can hold are refused in cells and keys',
    async run({ fresh }) {
      const store = await fresh(kept)
      for (const state of unstorable) {
        for (const refused of [
          () => store.commit(unit([{ ...append(order('1'), 0), state }])),
          () => store.keepState(order('1'), 1, state),
        ]) {
          await assert.rejects(refused, (error) => isDureError(error, 'DURE_STORE_TEXT_INVALID'))
        }
      }
      assert.deepEqual(await loaded(store), empty)
    },
  },
  {
    name: 'cells of the right kind that no store can hold are refused',
    async run({ fresh }) {
      const store = await fresh(odd)
      const cases = [
        { root: ['"a\\u0000b"', null, null, null], code: 'DURE_STORE_TEXT_INVALID' },
        { root: ['{"\\ud83d":1}', null, null, null], code: 'DURE_STORE_TEXT_INVALID' },
        { root: [null, null, null, 'r'.repeat(513)], code: 'DURE_STORE_TEXT_INVALID' },
        { root: [null, '1.5', null, null], code: 'DURE_COMMIT_INVALID' },
        { root: [null, '', null, null], code: 'DURE_COMMIT_INVALID' },
        { root: [null, '9'.repeat(131_073), null, null], code: 'DURE_STATE_UNSTORABLE' },
        { root: [null, null, 'noon', null], code: 'DURE_COMMIT_INVALID' },
        { root: [null, null, '-100000-01-01T00:00:00.000Z', null], code: 'DURE_STATE_UNSTORABLE' },
      ] as const
      for (const { root, code } of cases) {
        const state = { from: 0, root, children: [], whole: true }
        await assert.rejects(
          () => store.commit(unit([{ ...append(order('1'), 0), state }])),
          (error) => isDureError(error, code),
        )
      }
      assert.deepEqual(await loaded(store), empty)
      const state = { from: 0, root: ['"\\\\u0000"', null, null, 'r'.repeat(512)], children: [], whole: true }
      assert.equal((await store.commit(unit([{ ...append(order('1'), 0), state }]))).ok, true)
    },
  },
  {
    name: 'a table without tenants takes the tenant that is none, and no other',
    async run({ fresh }) {
      const [one] = odd
      const { tenant: _, ...root } = one?.tables?.root ?? assert.fail()
      const tables = { derived: true, root: { ...root, name: 'no_tenants' }, children: [] }
      const store = await fresh([{ aggregate: 'Order', shape: 'x', tables }])
      const state = { from: 0, root: ['1', null, null, null], children: [], whole: true }
      assert.equal((await store.commit(unit([{ ...append(order('1'), 0), state }]))).ok, true)
      const other = { ...append(order('1', 'acme'), 0), state }
      const refused = (): Promise<unknown> => store.commit(unit([other]))
      await assert.rejects(refused, (error) => isDureError(error, 'DURE_COMMIT_INVALID'))
      await store.commit(unit([append(order('1', 'acme'), 0)]))
      assert.deepEqual(await loaded(store, order('1', 'acme')), { version: 1, ended: false, events: [1] })
      assert.equal((await store.readHistory(order('1'))).baseline?.version, 1)
      const listed = await store.listStreams('Order', undefined, 10)
      assert.deepEqual(
        listed.map(({ stream, row }) => [stream.tenant, row?.version]),
        [
          ['', 1],
          ['acme', undefined],
        ],
      )
    },
  },
]
