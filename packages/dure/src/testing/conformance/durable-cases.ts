import assert from 'node:assert/strict'
import { append, commitTo, freshName, order, places, readUntil, type StorageCase, unit } from './harness.ts'
import { claiming, holder } from './kept/claim-cases.ts'
import { kept, loaded, orderRows, whole } from './kept/orders.ts'

export const durableCases: readonly StorageCase[] = [
  {
    name: 'everything is there after closing and opening again, under the same epoch',
    needs: 'durable',
    async run(trial) {
      const name = freshName()
      const before = await trial.storage.openContext(name)
      await commitTo(before, order('1'), 0, 3)
      await before.commit(unit([{ ...append(order('2'), 0), ends: true }]))
      const reply = { tenant: '', key: 'k', request: 'h', reply: { id: '1' } }
      const inbox = {
        consumer: 'p',
        source: 'S',
        epoch: 'e',
        slices: [{ slice: 1, from: 0, to: 5 }],
        through: 5,
      }
      const rows = [{ view: 'V', key: 'k', row: { x: 1 } }]
      const parks = [
        { consumer: 'p', source: 'S', stream: order('1'), position: 3, code: 'X', reason: 'y', tries: 1 },
      ]
      await before.commit(unit([], { reply, inbox, rows, parks }))
      const log = await readUntil(before.openLog(0), (events) => events.length >= 4)

      const after = await (await trial.reopen()).openContext(name)
      assert.equal(after.epoch, before.epoch)
      assert.equal((await after.readStream(order('1'))).version, 3)
      assert.equal((await after.readStream(order('2'))).ended, true)
      assert.deepEqual(await after.findReply('', 'k'), reply)
      assert.deepEqual((await after.readRows('V', ['k'])).get('k'), { x: 1 })
      const parked = [order('1')]
      assert.deepEqual(await after.readInbox('p', 'S'), {
        epoch: 'e',
        slices: new Map([[1, 5]]),
        through: 5,
        parked,
      })
      assert.deepEqual(await readUntil(after.openLog(0), (events) => events.length >= 4), log)
    },
  },
  {
    name: 'rows, claims and snapshots are there after closing and opening again',
    needs: 'durable',
    async run(trial) {
      const name = freshName()
      const before = await trial.storage.openContext(name, kept)
      const rows = orderRows(['ann', 1, null], [['l', 0, 'apple', 1]], [['l', 'a', 0, 0.5]])
      await before.commit(unit([{ ...claiming(order('1'), 0, ['ann']), state: whole(0, rows) }]))
      const cart = { ...order('1'), aggregate: 'Cart' }
      await commitTo(before, cart, 0, 2)
      await before.keepSnapshot(cart, { version: 1, shape: 'c1', state: { n: 1 } })

      const after = await (await trial.reopen()).openContext(name, kept)
      const stands = { version: 1, ended: false, events: [], at: 1, rows, row: 1 }
      assert.deepEqual(await loaded(after), stands)
      assert.equal(await holder(after, 'ann'), '1')
      const { baseline } = await after.readHistory(cart)
      assert.deepEqual(baseline, { version: 1, snapshot: { n: 1 } })
    },
  },
  {
    name: 'positions go on rising after opening again',
    needs: 'durable',
    async run(trial) {
      const name = freshName()
      const before = await trial.storage.openContext(name)
      await commitTo(before, order('1'), 0, 3)
      const reader = before.openLog(0)
      await readUntil(reader, (events) => events.length >= 3)
      const after = await (await trial.reopen()).openContext(name)
      const again = after.openLog(reader.mark)
      await commitTo(after, order('1'), 3)
      assert.deepEqual(places(await readUntil(again, (events) => events.length >= 1)), ['1/4'])
    },
  },
]
