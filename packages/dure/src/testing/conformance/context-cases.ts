import assert from 'node:assert/strict'
import { isDureError } from '../../kernel/error.ts'
import { commitTo, freshName, order, readUntil, type StorageCase, unit } from './harness.ts'
import { gone } from './kept/orders.ts'

export const contextCases: readonly StorageCase[] = [
  {
    name: 'contexts are apart',
    async run({ fresh }) {
      const [a, b] = [await fresh(), await fresh()]
      const reply = { tenant: '', key: 'k', request: 'h', reply: {} }
      const inbox = {
        consumer: 'p',
        source: 'S',
        epoch: 'e',
        slices: [{ slice: 1, from: 0, to: 5 }],
        through: 5,
      }
      const rows = [{ view: 'V', key: 'k', row: { x: 1 } }]
      await commitTo(a, order('1'), 0, 3)
      await a.commit(unit([], { reply, inbox, rows }))
      assert.equal((await b.readStream(order('1'))).version, 0)
      assert.deepEqual(await b.openLog(0).next(10), [])
      assert.equal(await b.findReply('', 'k'), undefined)
      assert.equal((await b.readInbox('p', 'S')).through, 0)
      assert.equal((await b.queryRows('V', { limit: 10 })).length, 0)
      assert.equal((await commitTo(b, order('1'), 0)).ok, true)
      assert.notEqual(a.epoch, b.epoch)
    },
  },
  {
    name: 'a context opened twice is one context',
    async run({ storage }) {
      const name = freshName()
      const [a, b] = await Promise.all([storage.openContext(name), storage.openContext(name)])
      assert.equal(a.context, name)
      assert.equal(a.epoch, b.epoch)
      await commitTo(a, order('1'), 0)
      assert.equal((await b.readStream(order('1'))).version, 1)
      assert.equal((await commitTo(b, order('1'), 1)).ok, true)
      await a.close()
      assert.equal((await readUntil(b.openLog(0), (events) => events.length >= 2)).length, 2)
    },
  },
  {
    name: 'names of contexts: letters of any script, digits, _ and -',
    async run({ storage }) {
      const suffix = freshName().slice(-20)
      for (const name of [`Order_${suffix}`, `Sales-Order-${suffix}`, `주문${suffix}`]) {
        const store = await storage.openContext(name)
        assert.equal((await commitTo(store, order('1'), 0)).ok, true)
      }
      const bad = [
        '',
        ' ',
        'a b',
        'a"b',
        "a'b",
        'a;b',
        'a.b',
        'a\0b',
        '1a',
        '-a',
        '_a',
        '🙂',
        'a'.repeat(49),
        '주'.repeat(17),
      ]
      for (const name of bad) {
        await assert.rejects(
          () => storage.openContext(name),
          (error) => isDureError(error, 'DURE_STORE_CONTEXT_INVALID'),
        )
      }
    },
  },
  {
    name: 'maintaining a storage changes nothing that can be seen',
    async run({ storage, fresh }) {
      const store = await fresh()
      await commitTo(store, order('1'), 0, 3)
      await store.commit(unit([], { reply: { tenant: '', key: 'k', request: 'h', reply: {} } }))
      const before = store.epoch
      await storage.maintain()
      assert.equal(store.epoch, before)
      assert.equal((await store.readStream(order('1'))).version, 3)
      assert.ok(await store.findReply('', 'k'))
    },
  },
  {
    name: 'a storage has a name and answers a ping; closed, it and its contexts say so',
    async run({ harness }) {
      const storage = await harness.open()
      assert.ok(storage.name.length > 0)
      await storage.ping()
      const store = await storage.openContext(freshName())
      const reader = store.openLog(0)
      await storage.close()
      await storage.close()
      const uses: (() => Promise<unknown>)[] = [
        () => storage.ping(),
        () => storage.maintain(),
        () => storage.openContext(freshName()),
        () => storage.migration(store.context).restored(),
        () => store.readStream(order('1')),
        () => commitTo(store, order('1'), 0),
        () => store.findReply('', 'k'),
        () => store.readInbox('p', 'S'),
        () => store.forgetConsumer('p'),
        () => store.readRows('V', ['k']),
        () => store.queryRows('V', { limit: 1 }),
        () => store.readHistory(order('1')),
        () => store.isCurrent(order('1'), 1),
        () => store.keepSnapshot(order('1'), { version: 1, shape: 's', state: {} }),
        () => store.listStreams('Order', undefined, 1),
        () => store.listUnkept('Order', undefined, 1),
        () => store.keepState(order('1'), 1, gone(0)),
        () => store.keepClaims(order('1'), 1, []),
        () => store.takeLease('l', 'a', 1),
        () => store.dropLease('l', 'a'),
        () => store.readLease('l'),
        () => store.findClaim('', 'Order', { name: 'Taken', value: 'v' }),
        () => reader.next(1),
      ]
      if (store.transact) uses.push(() => store.transact?.(async () => undefined) ?? assert.fail())
      for (const use of uses) await assert.rejects(use, (error) => isDureError(error, 'DURE_STORE_CLOSED'))
    },
  },
]
