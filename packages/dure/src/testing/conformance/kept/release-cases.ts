import assert from 'node:assert/strict'
import type { ContextStore } from '../../../ports/store.ts'
import { append, commitTo, freshName, order, type StorageCase, type Trial, unit } from '../harness.ts'
import { claiming, holder } from './claim-cases.ts'
import { commitState, difference, gone, kept, keptBefore, loaded, orderRows, whole } from './orders.ts'

/** The release before and this one on one context, as during a rolling upgrade. */
async function releases({ storage }: Trial): Promise<{ before: ContextStore; now: ContextStore }> {
  const name = freshName()
  const before = await storage.openContext(name, keptBefore)
  return { before, now: await storage.openContext(name, kept) }
}

const lines = [['l', 0, 'apple', 1]]
const parts = [['l', 'a', 0, 1]]
const remarks = [['r', 0, 'ring']]
const newRows = orderRows(['ann', 1, 'note'], lines, parts, remarks)
const oldRows = { root: ['bob', 2], children: [lines, parts] }

export const releaseCases: readonly StorageCase[] = [
  {
    name: 'rows of another release are passed over, and written whole by whoever is next',
    async run(trial) {
      const { before, now } = await releases(trial)
      await commitState(now, 0, whole(0, newRows))
      assert.deepEqual(await loaded(before), { version: 1, ended: false, events: [1], row: 1 })
      await commitState(before, 1, whole(1, oldRows))
      const old = { version: 2, ended: false, events: [], at: 2, rows: oldRows, row: 2 }
      assert.deepEqual(await loaded(before), old)
      assert.deepEqual(await loaded(now), { version: 2, ended: false, events: [1, 2], row: 2 })
      assert.equal((await commitState(now, 2, whole(2, newRows))).ok, true)
      assert.deepEqual(await loaded(now), {
        version: 3,
        ended: false,
        events: [],
        at: 3,
        rows: newRows,
        row: 3,
      })
    },
  },
  {
    name: 'a difference is refused where another release has written the rows meanwhile, at the same version',
    async run(trial) {
      const { before, now } = await releases(trial)
      await commitState(before, 0, whole(0, oldRows))
      assert.equal(await now.keepState(order('1'), 1, whole(1, newRows)), true)
      const changed = { root: ['bob', 3], children: [lines, parts] }
      const outcome = await commitState(before, 1, { ...whole(1, changed), whole: false })
      assert.equal(outcome.ok || outcome.reason, 'row')
      assert.deepEqual(await loaded(before), { version: 1, ended: false, events: [1], row: 1 })
      assert.equal((await commitState(before, 1, whole(1, changed))).ok, true)
    },
  },
  {
    name: 'a release leaves the columns and tables that it does not know as they were',
    async run(trial) {
      const { before, now } = await releases(trial)
      const [one] = kept
      assert.ok(one)
      // Same shape as the release before: what it leaves can then be read, as after a column was added by hand.
      const wider = await trial.storage.openContext(now.context, [{ ...one, shape: 's1' }])
      await commitState(wider, 0, whole(0, newRows))
      await commitState(before, 1, whole(1, oldRows))
      const rows = orderRows(['bob', 2, 'note'], lines, parts, remarks)
      assert.deepEqual(await loaded(wider), { version: 2, ended: false, events: [], at: 2, rows, row: 2 })
      await commitState(before, 0, whole(0, oldRows), order('2'))
      const nulls = orderRows(['bob', 2, null], lines, parts)
      const read = { version: 1, ended: false, events: [], at: 1, rows: nulls, row: 1 }
      assert.deepEqual(await loaded(wider, order('2')), read)
    },
  },
  {
    name: 'an aggregate that ends in one release leaves no rows of another behind',
    async run(trial) {
      const { before, now } = await releases(trial)
      await commitState(now, 0, whole(0, newRows))
      const end = { from: 1, children: gone(1).children.slice(0, 2), whole: false }
      assert.equal((await commitState(before, 1, end)).ok, true)
      const { ended, baseline, row } = await now.readHistory(order('1'))
      assert.deepEqual({ ended, baseline, row }, { ended: true, baseline: undefined, row: undefined })
      const [listed] = await now.listStreams('Order', undefined, 10)
      assert.deepEqual(listed, { stream: order('1'), version: 2, ended: true })
    },
  },
  {
    name: 'a release without tables writes beside one with them: rows lag, and nothing is lost',
    async run(trial) {
      const { now } = await releases(trial)
      const plain = await trial.storage.openContext(now.context)
      await commitState(now, 0, whole(0, newRows))
      await commitTo(plain, order('1'), 1, 2)
      assert.deepEqual(await loaded(plain), { version: 3, ended: false, events: [1, 2, 3] })
      const lagging = { version: 3, ended: false, events: [2, 3], at: 1, rows: newRows, row: 1 }
      assert.deepEqual(await loaded(now), lagging)
      await plain.commit(unit([claiming(order('2'), 0, ['ann'])]))
      assert.equal(await holder(now, 'ann'), '2')
      await plain.commit(unit([{ ...append(order('1'), 3), ends: true }]))
      const { ended, version } = await now.readHistory(order('1'))
      assert.deepEqual({ ended, version }, { ended: true, version: 4 })
      const [left] = await now.listStreams('Order', undefined, 1)
      assert.deepEqual(left?.row, { version: 1, shape: 's2' })
      assert.equal(await now.keepState(order('1'), 4, gone(1)), true)
      const [listed] = await now.listStreams('Order', undefined, 1)
      assert.deepEqual(listed, { stream: order('1'), version: 4, ended: true })
    },
  },
  {
    name: 'two releases that write the same aggregates at once lose nothing',
    async run(trial) {
      const { before, now } = await releases(trial)
      const won = new Map([1, 2, 3].map((id) => [order(String(id)), 0]))
      async function writing(store: ContextStore, old: boolean): Promise<void> {
        for (let i = 0; i < 20; i++) {
          for (const stream of won.keys()) {
            const { version, row = 0, baseline } = await store.readHistory(stream)
            const n = version + 1
            const root = old ? [`c${n}`, n] : [`c${n}`, n, `note ${n}`]
            const change =
              baseline?.version === version && row > 0
                ? difference(row, root)
                : whole(row, { root, children: old ? [[], []] : [[], [], []] })
            const state = old ? { ...change, children: change.children.slice(0, 2) } : change
            const outcome = await commitState(store, version, state, stream)
            if (outcome.ok) won.set(stream, (won.get(stream) ?? 0) + 1)
          }
        }
      }
      await Promise.all([writing(before, true), writing(now, false), writing(now, false)])
      for (const [stream, count] of won) {
        assert.equal((await now.readStream(stream)).version, count)
        const [reading, root] = await Promise.all([now.readHistory(stream), before.readHistory(stream)])
        for (const { version, baseline, row } of [reading, root]) {
          assert.equal(row, version)
          if (baseline !== undefined && 'rows' in baseline) assert.equal(baseline.rows.root[1], version)
        }
        assert.notEqual(reading.baseline === undefined, root.baseline === undefined)
      }
    },
  },
]
