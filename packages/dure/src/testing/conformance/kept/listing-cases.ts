import assert from 'node:assert/strict'
import type { StreamId } from '../../../ports/event-store.ts'
import type { StreamStanding } from '../../../ports/state-store.ts'
import type { ContextStore } from '../../../ports/store.ts'
import { append, commitTo, order, type StorageCase, unit } from '../harness.ts'
import { commitState, gone, kept, orderRows, whole } from './orders.ts'

async function allOf(store: ContextStore, limit: number, aggregate = 'Order'): Promise<StreamStanding[]> {
  const found: StreamStanding[] = []
  for (;;) {
    const page = await store.listStreams(aggregate, found.at(-1)?.stream, limit)
    assert.ok(page.length <= limit)
    if (page.length === 0) return found
    found.push(...page)
  }
}

export const listingCases: readonly StorageCase[] = [
  {
    name: 'the streams of an aggregate are listed by the bytes of tenant and id, in pages of any size',
    async run({ fresh }) {
      const store = await fresh(kept)
      // In the order of their bytes: every language, and UTF-16, would sort some of them another way.
      const ids = [
        '',
        ' ',
        '1',
        '10',
        '9',
        'A',
        'Z',
        '_',
        'a',
        'a b',
        'a-b',
        'aB',
        'ab',
        'z',
        'é',
        'ｚ',
        '🙂',
      ]
      const tenants = ['', 'B', 'a', 'ä', '\uffee', '🙂']
      const streams = tenants.flatMap((tenant) => ids.map((id) => order(id, tenant)))
      const shuffled = streams.toSorted((a, b) => hash(a) - hash(b))
      for (const stream of shuffled) await commitTo(store, stream, 0)
      await commitTo(store, { tenant: '', aggregate: 'Order2', id: 'a' }, 0)
      await commitTo(store, { tenant: '', aggregate: 'Cart', id: 'a' }, 0)
      const expected = streams.map((stream) => ({ stream, version: 1, ended: false }))
      for (const limit of [1000, 7, 1]) assert.deepEqual(await allOf(store, limit), expected)
      const after = await store.listStreams('Order', order('b', 'B'), 2)
      assert.deepEqual(
        after.map((it) => it.stream),
        [order('z', 'B'), order('é', 'B')],
      )
      assert.deepEqual(await store.listStreams('Nothing', undefined, 10), [])
    },
  },
  {
    name: 'no row that was written through the store is without a version',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitState(store, 0, whole(0, orderRows()), order('1'))
      await commitTo(store, order('2'), 0)
      await store.keepState(order('2'), 1, whole(0, orderRows()))
      for (const aggregate of ['Order', 'Cart', 'Other']) {
        assert.deepEqual(await store.listUnkept(aggregate, undefined, 10), [])
      }
    },
  },
  {
    name: 'a listing tells version, end and the row, whatever its shape',
    async run({ fresh, storage }) {
      const store = await fresh(kept)
      const rows = whole(0, orderRows())
      await commitState(store, 0, rows, order('1'))
      await commitTo(store, order('1'), 1, 2)
      await commitTo(store, order('2'), 0, 4)
      await commitState(store, 0, rows, order('3'))
      await commitState(store, 1, gone(1), order('3'))
      await store.commit(unit([{ ...append(order('4'), 0), ends: true }]))
      const shape = 's2'
      const expected = [
        { stream: order('1'), version: 3, ended: false, row: { version: 1, shape } },
        { stream: order('2'), version: 4, ended: false },
        { stream: order('3'), version: 2, ended: true },
        { stream: order('4'), version: 1, ended: true },
      ]
      assert.deepEqual(await allOf(store, 2), expected)
      const [one] = kept
      assert.ok(one)
      const next = await storage.openContext(store.context, [{ ...one, shape: 's3' }])
      assert.deepEqual(await allOf(next, 3), expected)
      const plain = await storage.openContext(store.context)
      const without = expected.map(({ stream, version, ended }) => ({ stream, version, ended }))
      assert.deepEqual(await allOf(plain, 10), without)
    },
  },
]

function hash({ tenant, id }: StreamId): number {
  let sum = 7
  for (const character of tenant + id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1009
  return sum
}
