import assert from 'node:assert/strict'
import type { StateRows } from '../../../ports/state-store.ts'
import type { ContextStore } from '../../../ports/store.ts'
import { append, commitTo, order, readUntil, type StorageCase, unit } from '../harness.ts'
import { commitState, difference, gone, kept, loaded, orderRows, whole } from './orders.ts'

const rows = orderRows(['ann', 1, null], [['l', 0, 'apple', 1]])
const refused = { ok: false, reason: 'row', stream: order('1') } as const
const claims = { drop: [], take: [{ name: 'Taken', value: 'x' }] }
const stands = { version: 1, ended: false, events: [], at: 1, rows, row: 1 }

/** Rows that tell their version. */
function told(at: number): StateRows {
  return orderRows([`c${at}`, at, null], [['l', 0, `p${at}`, at]])
}

/** Order 1 with its row at version 1, and order 2 at version 1 without one. */
async function two(store: ContextStore): Promise<void> {
  await commitState(store, 0, whole(0, rows))
  await commitTo(store, order('2'), 0)
}

export const guardCases: readonly StorageCase[] = [
  {
    name: 'rows that are not at the version seen refuse the commit: no event, no row, no claim, no reply',
    async run({ fresh }) {
      const store = await fresh(kept)
      await two(store)
      const other = orderRows(['eve', 6, null])
      const changes = [
        whole(0, other),
        whole(2, other),
        { ...whole(0, other), adopts: true },
        difference(0, other.root),
        gone(0),
        gone(7),
      ]
      for (const state of changes) {
        const ends = state.root === undefined
        const lost = { ...append(order('1'), 1), state, claims, ends }
        const reply = { tenant: '', key: 'k', request: 'h', reply: {} }
        assert.deepEqual(await store.commit(unit([lost])), refused)
        assert.deepEqual(await store.commit(unit([lost], { reply })), refused)
        assert.deepEqual(await store.commit(unit([append(order('3'), 0), lost])), refused)
        assert.equal(await store.findReply('', 'k'), undefined)
      }
      const missing = await commitState(store, 1, whole(1, rows), order('2'))
      assert.deepEqual(missing, { ...refused, stream: order('2') })
      assert.deepEqual(await commitState(store, 0, whole(1, rows), order('4')), {
        ...refused,
        stream: order('4'),
      })
      const none = await commitState(store, 0, { ...whole(0, rows), adopts: true }, order('4'))
      assert.deepEqual(none, { ...refused, stream: order('4') })
      assert.deepEqual(await loaded(store), stands)
      assert.equal(await store.findClaim('', 'Order', { name: 'Taken', value: 'x' }), undefined)
      for (const id of ['3', '4']) assert.equal((await store.readStream(order(id))).version, 0)
      assert.equal((await readUntil(store.openLog(0), (events) => events.length >= 2)).length, 2)
    },
  },
  {
    name: 'a stale version is named before a row, and a taken value before a row',
    async run({ fresh }) {
      const store = await fresh(kept)
      await two(store)
      await store.commit(unit([{ ...append(order('9'), 0), claims }]))
      const stale = { ...append(order('1'), 0), state: whole(5, rows), claims }
      assert.deepEqual(await store.commit(unit([stale])), { ...refused, reason: 'version' })
      const both = { ...append(order('1'), 1), state: whole(5, rows), claims }
      const [claim] = claims.take
      assert.deepEqual(await store.commit(unit([both])), { ...refused, reason: 'unique', claim })
      // A refusal of a later stream does not change what is named first.
      const row = { ...append(order('2'), 1), state: whole(5, rows) }
      const version = { ...append(order('1'), 0), state: whole(1, rows) }
      assert.deepEqual(await store.commit(unit([row, version])), { ...refused, reason: 'version' })
      assert.deepEqual(await loaded(store), stands)
    },
  },
  {
    name: 'several aggregates change their rows in one commit, or with one wrong row none',
    async run({ fresh }) {
      const store = await fresh(kept)
      await two(store)
      const next = orderRows(['bob', 2, null], [['m', 0, 'fig', 2]])
      const good = [
        { ...append(order('1'), 1), state: whole(1, next) },
        { ...append(order('2'), 1), state: whole(0, next) },
        { ...append(order('3'), 0, 2), state: whole(0, next) },
      ]
      for (let wrong = 0; wrong < good.length; wrong++) {
        const appends = good.map((it, i) => (i === wrong ? { ...it, state: whole(9, next) } : it))
        const stream = order(String(wrong + 1))
        assert.deepEqual(await store.commit(unit(appends)), { ...refused, stream })
      }
      assert.deepEqual(await loaded(store), stands)
      assert.deepEqual(await loaded(store, order('2')), { version: 1, ended: false, events: [1] })
      assert.deepEqual(await loaded(store, order('3')), { version: 0, ended: false, events: [] })
      assert.equal((await store.commit(unit(good))).ok, true)
      for (const id of ['1', '2', '3']) {
        const expected = { version: 2, ended: false, events: [], at: 2, rows: next, row: 2 }
        assert.deepEqual(await loaded(store, order(id)), expected)
      }
    },
  },
  {
    name: 'events, rows, claims, a reply, a watermark and a view row are stored together',
    async run({ fresh }) {
      const store = await fresh(kept)
      const slices = [{ slice: 1, from: 0, to: 5 }]
      const outcome = await store.commit(
        unit([{ ...append(order('1'), 0), state: whole(0, rows), claims }], {
          reply: { tenant: '', key: 'k', request: 'h', reply: { id: '1' } },
          inbox: { consumer: 'p', source: 'S', epoch: 'e', slices, through: 5 },
          rows: [{ view: 'V', key: 'k', row: { x: 1 } }],
        }),
      )
      assert.equal(outcome.ok, true)
      assert.deepEqual(await loaded(store), stands)
      assert.equal(await store.findClaim('', 'Order', { name: 'Taken', value: 'x' }), '1')
      assert.deepEqual((await store.findReply('', 'k'))?.reply, { id: '1' })
      assert.equal((await store.readInbox('p', 'S')).through, 5)
      assert.deepEqual((await store.readRows('V', ['k'])).get('k'), { x: 1 })
    },
  },
  {
    name: 'rows are kept without an event only at the version of the stream and of the row',
    async run({ fresh }) {
      const store = await fresh(kept)
      await two(store)
      const other = orderRows(['eve', 6, null])
      for (const [version, from] of [
        [0, 1],
        [2, 1],
        [1, 0],
        [1, 2],
      ] as const) {
        assert.equal(await store.keepState(order('1'), version, whole(from, other)), false)
      }
      assert.deepEqual(await loaded(store), stands)
      for (const version of [0, 1]) {
        assert.equal(await store.keepState(order('7'), version, whole(0, other)), false)
      }
      assert.deepEqual(await loaded(store, order('7')), { version: 0, ended: false, events: [] })
      assert.equal(await store.keepState(order('1'), 1, whole(1, other)), true)
      assert.deepEqual(await loaded(store), { ...stands, rows: other })
    },
  },
  {
    name: 'of racing writers of one row exactly one wins, and the row is the winner’s',
    async run({ fresh }) {
      const store = await fresh(kept)
      for (let version = 0; version < 8; version++) {
        const tries = Array.from({ length: 20 }, (_, i) =>
          commitState(store, version, whole(version, told(i))),
        )
        const outcomes = await Promise.all(tries)
        const winner = outcomes.findIndex((it) => it.ok)
        assert.equal(outcomes.filter((it) => it.ok).length, 1)
        const won = told(winner)
        const at = version + 1
        const expected = { version: at, ended: false, events: [], at, rows: won, row: at }
        assert.deepEqual(await loaded(store), expected)
      }
    },
  },
  {
    name: 'rows kept while appends go on never show another version than they hold',
    async run({ fresh }) {
      const store = await fresh(kept)
      await commitTo(store, order('1'), 0)
      let version = 1
      async function appending(): Promise<void> {
        for (let i = 0; i < 30; i++) {
          const { row = 0 } = await store.readHistory(order('1'))
          const state = i % 3 === 0 ? { state: whole(row, told(version + 1)) } : {}
          const outcome = await store.commit(unit([{ ...append(order('1'), version), ...state }]))
          if (outcome.ok) version++
          else assert.equal(outcome.reason, 'row')
        }
      }
      async function filling(): Promise<void> {
        for (let i = 0; i < 30; i++) {
          const read = await store.readHistory(order('1'))
          await store.keepState(order('1'), read.version, whole(read.row ?? 0, told(read.version)))
          const { baseline, events, version: now } = await store.readHistory(order('1'))
          if (baseline === undefined) continue
          assert.deepEqual(baseline, { version: baseline.version, rows: told(baseline.version) })
          assert.equal(baseline.version + events.length, now)
        }
      }
      await Promise.all([appending(), filling(), filling()])
      assert.equal((await store.readStream(order('1'))).version, version)
    },
  },
]
