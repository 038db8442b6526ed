import assert from 'node:assert/strict'
import type { InboxMove } from '../../../ports/event-store.ts'
import { append, order, type StorageCase, unit } from '../harness.ts'
import { move, parked } from './consumed.ts'

/** A move of the mark that writers of the same rows share. */
function turn(from: number): InboxMove {
  return move([{ slice: 0, from, to: from + 1 }], from + 1, { source: '$rows', epoch: '' })
}

const refused = { ok: false, reason: 'inbox' } as const

export const inboxCases: readonly StorageCase[] = [
  {
    name: 'a consumer that never moved stands at 0',
    async run({ fresh }) {
      const store = await fresh()
      const nothing = { epoch: undefined, slices: new Map(), through: 0, parked: [] }
      assert.deepEqual(await store.readInbox('policy', 'Ordering'), nothing)
    },
  },
  {
    name: 'watermarks move from where they are, slice by slice',
    async run({ fresh }) {
      const store = await fresh()
      const first = move(
        [
          { slice: 3, from: 0, to: 10 },
          { slice: 900, from: 0, to: 12 },
        ],
        12,
      )
      assert.equal((await store.commit(unit([], { inbox: first }))).ok, true)
      const second = move(
        [
          { slice: 3, from: 10, to: 15 },
          { slice: 4, from: 0, to: 14 },
        ],
        15,
      )
      assert.equal((await store.commit(unit([], { inbox: second }))).ok, true)
      const slices = new Map([
        [3, 15],
        [4, 14],
        [900, 12],
      ])
      const state = await store.readInbox('policy', 'Ordering')
      assert.deepEqual(
        { ...state, slices: new Map([...state.slices].toSorted(([a], [b]) => a - b)) },
        { epoch: 'e1', slices, through: 15, parked: [] },
      )
    },
  },
  {
    name: 'a turn moves with the inbox, and one that is not where the mover believed stores nothing of either',
    async run({ fresh }) {
      const store = await fresh()
      const first = unit([], { inbox: move([{ slice: 3, from: 0, to: 10 }], 10), turn: turn(0) })
      assert.equal((await store.commit(first)).ok, true)
      const other = move([{ slice: 3, from: 0, to: 7 }], 7, { source: 'Inventory' })
      const row = { view: 'V', key: 'k', row: {} }
      assert.deepEqual(await store.commit(unit([], { inbox: other, turn: turn(0), rows: [row] })), refused)
      assert.equal((await store.readInbox('policy', 'Inventory')).through, 0)
      assert.equal((await store.readRows('V', ['k'])).size, 0)
      assert.equal((await store.commit(unit([], { inbox: other, turn: turn(1) }))).ok, true)
      assert.equal((await store.commit(unit([append(order('1'), 0)], { turn: turn(1) }))).ok, false)
      assert.equal((await store.commit(unit([append(order('1'), 0)], { turn: turn(2) }))).ok, true)
      assert.equal((await store.readInbox('policy', '$rows')).slices.get(0), 3)
    },
  },
  {
    name: 'a watermark that is not where the mover believed stores nothing',
    async run({ fresh }) {
      const store = await fresh()
      await store.commit(unit([], { inbox: move([{ slice: 3, from: 0, to: 10 }], 10) }))
      const wrong = [
        [{ slice: 3, from: 0, to: 11 }],
        [{ slice: 3, from: 9, to: 11 }],
        [{ slice: 3, from: 11, to: 12 }],
        [{ slice: 4, from: 1, to: 11 }],
        [
          { slice: 3, from: 10, to: 11 },
          { slice: 5, from: 2, to: 11 },
        ],
      ]
      const rows = [{ view: 'V', key: 'k', row: { x: 1 } }]
      for (const slices of wrong) {
        const outcome = await store.commit(unit([append(order('1'), 0)], { inbox: move(slices, 12), rows }))
        assert.deepEqual(outcome, refused)
      }
      assert.equal((await store.readStream(order('1'))).version, 0)
      assert.equal((await store.readRows('V', ['k'])).size, 0)
      const state = await store.readInbox('policy', 'Ordering')
      assert.deepEqual(state, { epoch: 'e1', slices: new Map([[3, 10]]), through: 10, parked: [] })
    },
  },
  {
    name: 'of racing movers exactly one wins each step',
    async run({ fresh }) {
      const store = await fresh()
      for (let step = 0; step < 5; step++) {
        const slices = [1, 2, 3].map((slice) => ({ slice, from: step, to: step + 1 }))
        const tries = Array.from({ length: 10 }, (_, i) => {
          const mine = i % 2 === 0 ? slices : slices.toReversed()
          return store.commit(unit([append(order(`${step}-${i}`), 0)], { inbox: move(mine, step + 1) }))
        })
        const outcomes = await Promise.all(tries)
        assert.equal(outcomes.filter((it) => it.ok).length, 1)
        for (const lost of outcomes.filter((it) => !it.ok)) assert.equal(lost.reason, 'inbox')
        for (const [i, it] of outcomes.entries()) {
          assert.equal((await store.readStream(order(`${step}-${i}`))).version > 0, it.ok)
        }
      }
    },
  },
  {
    name: 'a move can advance through alone, and through never goes back',
    async run({ fresh }) {
      const store = await fresh()
      await store.commit(unit([], { inbox: move([], 40) }))
      await store.commit(unit([], { inbox: move([{ slice: 1, from: 0, to: 30 }], 30) }))
      assert.equal((await store.readInbox('policy', 'Ordering')).through, 40)
    },
  },
  {
    name: 'a move gives a place to go on from, and one without leaves it',
    async run({ fresh }) {
      const store = await fresh()
      await store.commit(unit([], { inbox: move([], 40, { place: 'a place' }) }))
      await store.commit(unit([], { inbox: move([], 41) }))
      assert.deepEqual((await store.readInbox('policy', 'Ordering')).place, 'a place')
      await store.commit(unit([], { inbox: move([], 41, { place: 'another' }) }))
      assert.deepEqual((await store.readInbox('policy', 'Ordering')).place, 'another')
      await store.commit(unit([], { inbox: move([], 40, { place: 'further back' }) }))
      assert.deepEqual((await store.readInbox('policy', 'Ordering')).place, 'another')
    },
  },
  {
    name: 'a move under another epoch is refused until the consumer is forgotten',
    async run({ fresh }) {
      const store = await fresh()
      await store.commit(unit([], { inbox: move([{ slice: 1, from: 0, to: 5 }], 5) }))
      const restored = move([{ slice: 1, from: 5, to: 6 }], 6, { epoch: 'e2' })
      assert.deepEqual(await store.commit(unit([], { inbox: restored })), refused)
      const elsewhere = move([{ slice: 2, from: 0, to: 6 }], 6, { epoch: 'e2' })
      assert.deepEqual(await store.commit(unit([], { inbox: elsewhere })), refused)
      await store.forgetConsumer('policy')
      assert.equal((await store.commit(unit([], { inbox: elsewhere }))).ok, true)
      assert.equal((await store.readInbox('policy', 'Ordering')).epoch, 'e2')
    },
  },
  {
    name: 'consumers and sources are apart',
    async run({ fresh }) {
      const store = await fresh()
      const slices = [{ slice: 1, from: 0, to: 5 }]
      await store.commit(unit([], { inbox: move(slices, 5) }))
      await store.commit(unit([], { inbox: move(slices, 5, { consumer: 'other', epoch: 'e9' }) }))
      await store.commit(unit([], { inbox: move(slices, 5, { source: 'Stock', epoch: 'e9' }) }))
      assert.equal((await store.readInbox('policy', 'Ordering')).epoch, 'e1')
      assert.equal((await store.readInbox('policy', 'Nobody')).through, 0)
    },
  },
  {
    name: 'the streams of parked messages are listed once each, per consumer and source',
    async run({ fresh }) {
      const store = await fresh()
      const parks = [
        parked('1', 5),
        parked('1', 9),
        parked('2', 7),
        parked('3', 8, { consumer: 'other' }),
        parked('4', 8, { source: 'Stock' }),
        parked('5', 10, { reason: 'half \ud83d and \0' }),
      ]
      await store.commit(unit([], { parks }))
      await store.commit(unit([], { parks: [parked('1', 5)] }))
      const streams = (await store.readInbox('policy', 'Ordering')).parked.map((it) => it.id)
      assert.deepEqual(streams.toSorted(), ['1', '2', '5'])
    },
  },
  {
    name: 'forgetting a consumer takes its watermarks, its parked messages and the rows of its view, and no others',
    async run({ fresh }) {
      const store = await fresh()
      const slices = [{ slice: 1, from: 0, to: 5 }]
      const rows = [
        { view: 'Mine', key: 'k', row: { x: 1 } },
        { view: 'Other', key: 'k', row: { x: 2 } },
      ]
      await store.commit(unit([], { inbox: move(slices, 5), rows, parks: [parked('1', 5)] }))
      const other = { consumer: 'policy2' }
      await store.commit(unit([], { inbox: move(slices, 5, other), parks: [parked('1', 5, other)] }))
      await store.forgetConsumer('policy', 'Mine')
      const nothing = { epoch: undefined, slices: new Map(), through: 0, parked: [] }
      assert.deepEqual(await store.readInbox('policy', 'Ordering'), nothing)
      assert.equal((await store.readRows('Mine', ['k'])).size, 0)
      assert.equal((await store.readRows('Other', ['k'])).size, 1)
      const kept = await store.readInbox('policy2', 'Ordering')
      assert.deepEqual({ through: kept.through, parked: kept.parked }, { through: 5, parked: [order('1')] })
      assert.equal((await store.commit(unit([], { inbox: move(slices, 5) }))).ok, true)
    },
  },
]
