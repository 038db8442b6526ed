import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { append, commitTo, order, readUntil, type StorageCase, unit } from './harness.ts'

export const unitCases: readonly StorageCase[] = [
  {
    name: 'a commit of several streams is stored whole, and tells the last position of each',
    async run({ fresh }) {
      const store = await fresh()
      await commitTo(store, order('b'), 0, 2)
      const outcome = await store.commit(
        unit([append(order('c'), 0, 3), append(order('b'), 2, 2), append(order('a'), 0)]),
      )
      assert.ok(outcome.ok)
      const streams = await Promise.all(['c', 'b', 'a'].map((id) => store.readStream(order(id))))
      assert.deepEqual(
        streams.map((it) => it.version),
        [3, 4, 1],
      )
      assert.deepEqual(
        outcome.positions,
        streams.map((it) => it.events.at(-1)?.position),
      )
    },
  },
  {
    name: 'one conflict among several streams stores nothing and names the stream',
    async run({ fresh }) {
      const store = await fresh()
      await commitTo(store, order('b'), 0)
      const rows = [{ view: 'V', key: 'k', row: { x: 1 } }]
      const parks = [
        { consumer: 'p', source: 'S', stream: order('z'), position: 1, code: 'X', reason: 'y', tries: 1 },
      ]
      const reply = { tenant: '', key: 'k', request: 'h', reply: {} }
      const inbox = {
        consumer: 'p',
        source: 'S',
        epoch: 'e',
        slices: [{ slice: 1, from: 0, to: 5 }],
        through: 5,
      }
      const outcome = await store.commit(
        unit([append(order('a'), 0), append(order('b'), 0), append(order('c'), 0)], {
          rows,
          parks,
          reply,
          inbox,
        }),
      )
      assert.deepEqual(outcome, { ok: false, reason: 'version', stream: order('b') })
      assert.equal((await store.readStream(order('a'))).version, 0)
      assert.equal((await store.readStream(order('c'))).version, 0)
      assert.equal((await store.readRows('V', ['k'])).size, 0)
      assert.equal(await store.findReply('', 'k'), undefined)
      const state = await store.readInbox('p', 'S')
      assert.deepEqual(state, { epoch: undefined, slices: new Map(), through: 0, parked: [] })
      const log = await readUntil(store.openLog(0), (events) => events.length >= 1)
      assert.equal(log.length, 1)
    },
  },
  {
    name: 'an append, a reply, a move of the inbox, rows and a parked message are stored together',
    async run({ fresh }) {
      const store = await fresh()
      const outcome = await store.commit(
        unit([append(order('a'), 0)], {
          reply: { tenant: 't', key: 'k', request: 'h', reply: { id: 'a' } },
          inbox: {
            consumer: 'p',
            source: 'S',
            epoch: 'e',
            slices: [{ slice: 1, from: 0, to: 5 }],
            through: 5,
          },
          rows: [{ view: 'V', key: 'k', row: { x: 1 } }],
          parks: [
            { consumer: 'p', source: 'S', stream: order('z'), position: 4, code: 'X', reason: 'y', tries: 1 },
          ],
        }),
      )
      assert.equal(outcome.ok, true)
      assert.equal((await store.readStream(order('a'))).version, 1)
      assert.deepEqual(await store.findReply('t', 'k'), {
        tenant: 't',
        key: 'k',
        request: 'h',
        reply: { id: 'a' },
      })
      assert.deepEqual((await store.readRows('V', ['k'])).get('k'), { x: 1 })
      const parked = [order('z')]
      assert.deepEqual(await store.readInbox('p', 'S'), {
        epoch: 'e',
        slices: new Map([[1, 5]]),
        through: 5,
        parked,
      })
    },
  },
  {
    name: 'a commit with nothing in it is stored',
    async run({ fresh }) {
      const store = await fresh()
      assert.deepEqual(await store.commit(unit([])), { ok: true, positions: [] })
    },
  },
  {
    name: 'listeners hear of commits with appends, until they stop listening',
    async run({ fresh }) {
      const store = await fresh()
      let heard = 0
      const stop = store.onCommit(() => heard++)
      await commitTo(store, order('1'), 0)
      await pause(0)
      assert.equal(heard, 1)
      await commitTo(store, order('1'), 0)
      await store.commit(unit([], { rows: [{ view: 'V', key: 'k', row: {} }] }))
      await pause(0)
      assert.equal(heard, 1)
      await store.commit(unit([append(order('1'), 1), append(order('2'), 0)]))
      await pause(0)
      assert.equal(heard, 2)
      stop()
      await commitTo(store, order('3'), 0)
      await pause(0)
      assert.equal(heard, 2)
    },
  },
]
