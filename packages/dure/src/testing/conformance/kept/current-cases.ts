import assert from 'node:assert/strict'
import type { StreamId } from '../../../ports/event-store.ts'
import type { ContextStore } from '../../../ports/store.ts'
import { append, commitTo, freshName, order, type StorageCase, unit } from '../harness.ts'
import { commitState, difference, gone, kept, keptBefore, orderRows, whole } from './orders.ts'

const rows = orderRows(['ann', 1, null], [['l', 0, 'apple', 1]])
const oldRows = { root: ['bob', 2], children: [[['l', 0, 'apple', 1]], []] }

/** Of the versions up to 4, those at which the rows of a stream are current. */
async function currentAt(store: ContextStore, stream: StreamId = order('1')): Promise<readonly number[]> {
  const versions = [0, 1, 2, 3, 4]
  const current = await Promise.all(versions.map((it) => store.isCurrent(stream, it)))
  return versions.filter((_, i) => current[i])
}

export const currentCases: readonly StorageCase[] = [
  {
    name: 'rows are current at the version of the commit that wrote them, and at no other',
    async run({ fresh }) {
      const store = await fresh(kept)
      assert.deepEqual(await currentAt(store), [])
      await commitState(store, 0, whole(0, rows))
      assert.deepEqual(await currentAt(store), [1])
      await commitState(store, 1, difference(1, ['bob', 2, null], { upserts: [['l', 0, 'fig', 2]] }))
      assert.deepEqual(await currentAt(store), [2])
      await commitState(store, 2, whole(2, rows))
      assert.deepEqual(await currentAt(store), [3])
      const lost = await commitState(store, 2, whole(2, rows))
      assert.equal(lost.ok, false)
      assert.deepEqual(await currentAt(store), [3])
    },
  },
  {
    name: 'rows of one aggregate are not current for another id, tenant or aggregate',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitState(store, 0, whole(0, rows))
      const one = order('1')
      for (const other of [order('2'), { ...one, tenant: 't' }, { ...one, aggregate: 'Cart' }]) {
        assert.deepEqual(await currentAt(store, other), [])
      }
      await commitTo(store, { ...one, aggregate: 'Cart' }, 0)
      assert.deepEqual(await currentAt(store, { ...one, aggregate: 'Cart' }), [])
      assert.deepEqual(await currentAt(store), [1])
    },
  },
  {
    name: 'several rows of one commit are current, also those of a transaction',
    async run({ fresh }) {
      const store = await fresh(kept)
      const appends = ['1', '2'].map((id) => ({ ...append(order(id), 0, 2), state: whole(0, rows) }))
      assert.equal((await store.commit(unit(appends))).ok, true)
      for (const id of ['1', '2']) assert.deepEqual(await currentAt(store, order(id)), [2])
      if (store.transact === undefined) return
      await store.transact(async (_, joined) => {
        await joined.commit(unit([{ ...append(order('1'), 2), state: whole(2, rows) }]))
        assert.deepEqual(await currentAt(store), [2])
      })
      assert.deepEqual(await currentAt(store), [3])
    },
  },
  {
    name: 'rows that an event has left behind are not current, until a commit writes them again',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitState(store, 0, whole(0, rows))
      await commitTo(store, order('1'), 1)
      assert.deepEqual(await currentAt(store), [])
      await commitState(store, 2, whole(1, rows))
      assert.deepEqual(await currentAt(store), [3])
    },
  },
  {
    name: 'rows that were written again without an event are not current, until a commit writes them again',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitState(store, 0, whole(0, rows))
      const other = orderRows(['eve', 9, null])
      assert.equal(await store.keepState(order('1'), 1, whole(1, other)), true)
      assert.deepEqual(await currentAt(store), [])
      await commitState(store, 1, whole(1, rows))
      assert.deepEqual(await currentAt(store), [2])
      await commitTo(store, order('2'), 0)
      assert.equal(await store.keepState(order('2'), 1, whole(0, rows)), true)
      assert.deepEqual(await currentAt(store, order('2')), [])
    },
  },
  {
    name: 'nothing of an aggregate that has ended is current',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitState(store, 0, whole(0, rows))
      await commitState(store, 1, gone(1))
      assert.deepEqual(await currentAt(store), [])
    },
  },
  {
    name: 'rows of another release are not current, and those that it writes take the place of one’s own',
    async run({ storage }) {
      const name = freshName()
      const before = await storage.openContext(name, keptBefore)
      const now = await storage.openContext(name, kept)
      await commitState(now, 0, whole(0, rows))
      assert.deepEqual([await currentAt(before), await currentAt(now)], [[], [1]])
      await commitState(before, 1, whole(1, oldRows))
      assert.deepEqual([await currentAt(before), await currentAt(now)], [[2], []])
      assert.equal(await now.keepState(order('1'), 2, whole(2, rows)), true)
      assert.deepEqual([await currentAt(before), await currentAt(now)], [[], []])
    },
  },
]
