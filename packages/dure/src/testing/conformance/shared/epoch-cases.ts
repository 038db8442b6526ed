import assert from 'node:assert/strict'
import { isDureError } from '../../../kernel/error.ts'
import type { EpochStart } from '../../../ports/event-store.ts'
import { commitTo, freshName, order, places, readUntil, type StorageCase } from '../harness.ts'
import { soon } from './soon.ts'

const otherEpoch = (error: unknown): boolean => isDureError(error, 'DURE_STORE_EPOCH')

export const epochCases: readonly StorageCase[] = [
  {
    name: 'a new log has one epoch, which begins at 0',
    async run({ storage, fresh }) {
      const store = await fresh()
      assert.ok(store.epoch.length > 0)
      assert.deepEqual(store.epochs, [{ epoch: store.epoch, began: 0 }])
      await commitTo(store, order('1'), 0, 3)
      await storage.maintain()
      assert.deepEqual(store.epochs, [{ epoch: store.epoch, began: 0 }])
    },
  },
  {
    name: 'a log that was restored has a new epoch, above all positions there were, and keeps its lineage',
    async run({ storage }) {
      const name = freshName()
      const stores = [await storage.openContext(name), await storage.openContext(name)] as const
      const [store] = stores
      const heard: EpochStart[] = []
      stores[1].onEpoch((it) => heard.push(it))
      const deaf = store.onEpoch(() => assert.fail('it listens no more'))
      deaf()
      await commitTo(store, order('1'), 0, 3)
      const before = await readUntil(store.openLog(0), (events) => events.length >= 3)
      const first = store.epoch

      const start = await storage.migration(name).restored()
      assert.ok(start && start.epoch !== first)
      assert.ok(start.began >= (before.at(-1)?.position ?? 0))
      await soon(() => stores.every((it) => it.epoch === start.epoch) && heard.length > 0)
      assert.deepEqual(heard, [start])
      for (const it of stores) assert.deepEqual(it.epochs, [{ epoch: first, began: 0 }, start])

      await commitTo(store, order('1'), 3, 2)
      const log = await readUntil(store.openLog(0), (events) => events.length >= 5)
      assert.deepEqual(log.slice(0, 3), before)
      assert.ok(log.slice(3).every((it) => it.position > start.began))

      const again = await storage.migration(name).restored()
      assert.ok(again && again.epoch !== start.epoch && again.began >= (log.at(-1)?.position ?? 0))
      const opened = await storage.openContext(name)
      assert.deepEqual(opened.epochs, [{ epoch: first, began: 0 }, start, again])
    },
  },
  {
    name: 'a reader from before a restore returns nothing after it; another goes on from where it stood',
    async run({ storage }) {
      const name = freshName()
      const store = await storage.openContext(name)
      await commitTo(store, order('1'), 0, 2)
      const reader = store.openLog(0)
      const behind = store.openLog(0)
      await readUntil(reader, (events) => events.length >= 2)
      const start = await storage.migration(name).restored()
      await commitTo(store, order('1'), 2, 2)
      await assert.rejects(() => reader.next(10), otherEpoch)
      await assert.rejects(() => reader.next(10), otherEpoch)
      await assert.rejects(() => behind.next(10), otherEpoch)
      assert.ok(start && reader.mark <= start.began)
      const after = await readUntil(store.openLog(reader.mark), (events) => events.length >= 2)
      assert.deepEqual(places(after), ['1/3', '1/4'])
    },
  },
  {
    name: 'a log that nobody has begun cannot be restored',
    async run({ storage }) {
      assert.equal(await storage.migration(freshName()).restored(), undefined)
    },
  },
  {
    name: 'a restore between appends: what is read after it is above where the epoch began, and nothing is lost',
    async run({ storage }) {
      const name = freshName()
      const store = await storage.openContext(name)
      const going = { on: true }
      const counts = await Promise.all([
        ...Array.from({ length: 6 }, async (_, i) => {
          let version = 0
          while (going.on || version === 0) {
            assert.equal((await commitTo(store, order(`${i}`), version)).ok, true)
            version++
            await soon(() => true)
          }
          return version
        }),
        (async () => {
          for (let i = 0; i < 5; i++) {
            await soon(() => true)
            await storage.migration(name).restored()
          }
          going.on = false
          return 0
        })(),
      ])
      const total = counts.reduce((sum, it) => sum + it, 0)
      const log = await readUntil(store.openLog(0), (events) => events.length >= total)
      assert.equal(log.length, total)
      assert.equal(store.epochs.length, 6)
      const began = store.epochs.map((it) => it.began)
      assert.deepEqual(
        began,
        began.toSorted((a, b) => a - b),
      )
    },
  },
]
