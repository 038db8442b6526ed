import assert from 'node:assert/strict'
import { commitTo, freshName, order, type StorageCase, unit } from '../harness.ts'
import { soon } from './soon.ts'

export const noticeCases: readonly StorageCase[] = [
  {
    name: 'a commit with appends is told to whoever listens, and to nobody who has stopped',
    async run({ fresh }) {
      const store = await fresh()
      let [first, second] = [0, 0]
      const stop = store.onCommit(() => first++)
      store.onCommit(() => second++)
      await commitTo(store, order('1'), 0)
      await soon(() => first > 0 && second > 0)
      stop()
      const heard = first
      await commitTo(store, order('1'), 1)
      await soon(() => second >= 2)
      assert.equal(first, heard)
    },
  },
  {
    name: 'what stores no event, or is refused, is told to nobody',
    async run({ fresh }) {
      const store = await fresh()
      await commitTo(store, order('1'), 0)
      let heard = 0
      store.onCommit(() => heard++)
      await commitTo(store, order('1'), 0)
      await store.commit(unit([], { rows: [{ view: 'V', key: 'k', row: {} }] }))
      await soon(() => true)
      assert.equal(heard, 0)
    },
  },
  {
    name: 'the same function can listen twice, and stops once for each',
    async run({ fresh }) {
      const store = await fresh()
      let heard = 0
      const listener = (): void => void heard++
      const stop = store.onCommit(listener)
      store.onCommit(listener)
      assert.equal((await commitTo(store, order('1'), 0)).ok, true)
      await soon(() => heard === 2)
      stop()
      stop()
      await commitTo(store, order('1'), 1)
      await soon(() => heard >= 3)
      assert.equal(heard, 3)
    },
  },
  {
    name: 'a context that is closed tells nobody any more',
    async run({ storage }) {
      const name = freshName()
      const [a, b] = [await storage.openContext(name), await storage.openContext(name)]
      let heard = 0
      a.onCommit(() => heard++)
      await a.close()
      await commitTo(b, order('1'), 0)
      await soon(() => true)
      assert.equal(heard, 0)
    },
  },
]
