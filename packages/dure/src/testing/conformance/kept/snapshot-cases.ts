import assert from 'node:assert/strict'
import { isDureError } from '../../../kernel/error.ts'
import type { StreamId } from '../../../ports/event-store.ts'
import type { ContextStore } from '../../../ports/store.ts'
import { commitTo, order, type StorageCase } from '../harness.ts'
import { kept } from './orders.ts'

const cart = (id: string, tenant = ''): StreamId => ({ tenant, aggregate: 'Cart', id })

/** Version of the baseline, the state in it, and the versions of the events after it. */
async function start(store: ContextStore, stream: StreamId, after?: number): Promise<unknown> {
  const { version, baseline, row, events } = await store.readHistory(stream, after)
  assert.equal(row, undefined)
  const tail = events.map((it) => it.data['n'])
  if (baseline === undefined) return { version, tail }
  assert.ok('snapshot' in baseline)
  return { version, at: baseline.version, state: baseline.snapshot, tail }
}

export const snapshotCases: readonly StorageCase[] = [
  {
    name: 'a snapshot is where a load of the whole stream begins, with the events after it',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitTo(store, cart('1'), 0, 5)
      await commitTo(store, cart('1', 'acme'), 0, 5)
      const state = { lines: [{ n: 1.5, text: '두레 🙂 "\\' }], nothing: null, deep: { '': [[]] } }
      await store.keepSnapshot(cart('1'), { version: 3, shape: 'c1', state })
      assert.deepEqual(await start(store, cart('1')), { version: 5, at: 3, state, tail: [4, 5] })
      assert.deepEqual(await start(store, cart('1'), 0), { version: 5, at: 3, state, tail: [4, 5] })
      assert.deepEqual(await start(store, cart('1'), 1), { version: 5, tail: [2, 3, 4, 5] })
      assert.deepEqual(await start(store, cart('1', 'acme')), { version: 5, tail: [1, 2, 3, 4, 5] })
      assert.equal((await store.readStream(cart('1'))).events.length, 5)
      await store.keepSnapshot(cart('1'), { version: 5, shape: 'c1', state })
      assert.deepEqual(await start(store, cart('1')), { version: 5, at: 5, state, tail: [] })
      await commitTo(store, cart('1'), 5)
      assert.deepEqual(await start(store, cart('1')), { version: 6, at: 5, state, tail: [6] })
    },
  },
  {
    name: 'a snapshot of the same shape gives way to a later one only',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitTo(store, cart('1'), 0, 6)
      for (const version of [4, 2, 5, 1, 3]) {
        await store.keepSnapshot(cart('1'), { version, shape: 'c1', state: { version } })
      }
      assert.deepEqual(await start(store, cart('1')), { version: 6, at: 5, state: { version: 5 }, tail: [6] })
    },
  },
  {
    name: 'of snapshots kept at once the latest stays',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitTo(store, cart('1'), 0, 20)
      const versions = Array.from({ length: 20 }, (_, i) => ((i * 7) % 20) + 1)
      await Promise.all(
        versions.map((version) =>
          store.keepSnapshot(cart('1'), { version, shape: 'c1', state: { version } }),
        ),
      )
      assert.deepEqual(await start(store, cart('1')), {
        version: 20,
        at: 20,
        state: { version: 20 },
        tail: [],
      })
    },
  },
  {
    name: 'a snapshot of another shape is passed over, and replaced by any of another shape',
    async run({ fresh, storage }) {
      const store = await fresh(kept)
      const other = await storage.openContext(store.context, [{ aggregate: 'Cart', shape: 'c2' }])
      await commitTo(store, cart('1'), 0, 3)
      await store.keepSnapshot(cart('1'), { version: 3, shape: 'c1', state: { of: 1 } })
      assert.deepEqual(await start(other, cart('1')), { version: 3, tail: [1, 2, 3] })
      await other.keepSnapshot(cart('1'), { version: 2, shape: 'c2', state: { of: 2 } })
      assert.deepEqual(await start(other, cart('1')), { version: 3, at: 2, state: { of: 2 }, tail: [3] })
      assert.deepEqual(await start(store, cart('1')), { version: 3, tail: [1, 2, 3] })
    },
  },
  {
    name: 'an aggregate that was not listed, or is kept in tables, is loaded without snapshots',
    async run({ fresh, storage }) {
      const store = await fresh(kept)
      const plain = await storage.openContext(store.context)
      await commitTo(store, cart('1'), 0, 2)
      await commitTo(store, order('1'), 0, 2)
      await store.keepSnapshot(cart('1'), { version: 1, shape: 'c1', state: {} })
      await store.keepSnapshot(order('1'), { version: 1, shape: 's2', state: {} })
      assert.deepEqual(await start(plain, cart('1')), { version: 2, tail: [1, 2] })
      assert.deepEqual(await start(store, order('1')), { version: 2, tail: [1, 2] })
    },
  },
  {
    name: 'a snapshot is not shared with the caller, and one that no store can hold is refused',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitTo(store, cart('1'), 0, 1)
      const state = { list: [1] }
      await store.keepSnapshot(cart('1'), { version: 1, shape: 'c1', state })
      state.list.push(2)
      assert.deepEqual(await start(store, cart('1')), { version: 1, at: 1, state: { list: [1] }, tail: [] })
      const bad = [
        { version: 2, shape: 'c1', state: { text: 'a\0' } },
        { version: 2, shape: 'c1', state: { 'a\udc00': 1 } },
        { version: 2, shape: 'c\0', state: {} },
      ]
      for (const it of bad) {
        const refused = (): Promise<unknown> => store.keepSnapshot(cart('1'), it)
        await assert.rejects(refused, (error) => isDureError(error, 'DURE_STORE_TEXT_INVALID'))
      }
      for (const version of [0, -1, 1.5, Number.NaN]) {
        const refused = (): Promise<unknown> =>
          store.keepSnapshot(cart('1'), { version, shape: 'c1', state: {} })
        await assert.rejects(refused, (error) => isDureError(error, 'DURE_COMMIT_INVALID'))
      }
      assert.deepEqual(await start(store, cart('1')), { version: 1, at: 1, state: { list: [1] }, tail: [] })
    },
  },
]
