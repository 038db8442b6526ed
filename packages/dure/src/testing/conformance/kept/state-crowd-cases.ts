import assert from 'node:assert/strict'
import { isDureError } from '../../../kernel/error.ts'
import type { Commit, CommitOutcome, StoredReply } from '../../../ports/event-store.ts'
import type { Cell, StateChange } from '../../../ports/state-store.ts'
import type { ContextStore } from '../../../ports/store.ts'
import {
  append,
  commitTo,
  freshName,
  order,
  randomFrom,
  readUntil,
  type StorageCase,
  unit,
} from '../harness.ts'
import { commitState, difference, gone, kept, keptBefore, loaded, orderRows, whole } from './orders.ts'

const crowd = 64

/** What tells one writer from the others: in the root, in a line that all write, and in one of its own. */
function told(from: number, by: string): StateChange {
  const upserts = [
    ['shared', 0, by, from],
    [by, 1, 'own', from],
  ]
  const parts = { upserts: [['shared', 'part', 0, from + 0.5]] }
  return difference(from, [`{"${by}" \\`, from, null], { upserts }, from % 2 === 0 ? parts : {})
}

const good = (i: number): Commit =>
  unit([{ ...append(order(`good ${i}`), 0, 1 + (i % 2)), state: told(0, `w${i}`) }])

const reply = (i: number, n: number): StoredReply => ({
  tenant: i % 2 === 0 ? '' : 'acme',
  key: `k-${i}`,
  request: `r-${n}`,
  reply: { n, text: '"\\' },
})

// Many at once: a store may write their rows together, and then still each by itself.
export const stateCrowdCases: readonly StorageCase[] = [
  {
    name: 'many writers of rows at once: exactly what was acknowledged is stored, and rows show all of it',
    async run({ fresh }) {
      const store = await fresh(kept)
      const random = randomFrom(11)
      const stored = new Map<string, Map<number, Stored>>()
      await Promise.all(
        Array.from({ length: crowd }, (_, i) => writeAtRandom(store, random, `w${i}`, stored)),
      )
      const positions: number[] = []
      for (const [id, changes] of stored) {
        let lines: readonly (readonly Cell[])[] = []
        let [version, root]: [number, readonly Cell[]] = [0, []]
        while (changes.has(version)) {
          const { change, to, position } = changes.get(version) ?? assert.fail()
          const { upserts = [], removes = [] } = change.children[0] ?? {}
          const gone = new Set([...upserts, ...removes].map(([key]) => key))
          lines = [...lines.filter(([key]) => !gone.has(key ?? null)), ...upserts]
          root = change.root ?? []
          version = to
          positions.push(position)
        }
        assert.equal([...changes.keys()].filter((from) => from >= version).length, 0, id)
        const { version: at, row, baseline } = await store.readHistory(order(id))
        assert.deepEqual([at, row, baseline?.version], [version, version, version], id)
        assert.ok(baseline && 'rows' in baseline)
        assert.deepEqual(baseline.rows.root, root, id)
        assert.deepEqual(byKey(baseline.rows.children[0] ?? []), byKey(lines), id)
        assert.equal(await store.isCurrent(order(id), version), true)
      }
      assert.ok(positions.length > crowd)
      const events = [...stored.values()].reduce((sum, it) => sum + countOf(it), 0)
      const log = await readUntil(store.openLog(0), (found) => found.length >= events, 1000)
      assert.equal(log.length, events)
      const found = new Set(log.map((it) => it.position))
      assert.ok(positions.every((it) => found.has(it)))
    },
  },
  {
    name: 'many writers of rows at once: of two at one version exactly one wins, and the rows are the winner’s',
    async run({ fresh }) {
      const store = await fresh(kept)
      const by = ['one', 'other'] as const
      for (const from of [0, 1, 2]) {
        const outcomes = await Promise.all(
          Array.from({ length: 100 }, (_, i) =>
            commitState(store, from, told(from, by[i % 2] ?? ''), order(`${Math.floor(i / 2)}`)),
          ),
        )
        for (let i = 0; i < 50; i++) {
          const [one, other] = [outcomes[2 * i], outcomes[2 * i + 1]]
          assert.ok(one?.ok !== other?.ok)
          const lost = one?.ok === true ? other : one
          assert.deepEqual(lost, { ok: false, reason: 'version', stream: order(`${i}`) })
          const { version, baseline } = await store.readHistory(order(`${i}`))
          assert.ok(baseline && 'rows' in baseline)
          const [winner, loser] = one?.ok === true ? by : by.toReversed()
          const { root, children } = told(from, winner ?? '')
          assert.deepEqual([version, baseline.version, baseline.rows.root], [from + 1, from + 1, root])
          const lines = baseline.rows.children[0] ?? []
          for (const line of children[0]?.upserts ?? []) {
            assert.deepEqual(
              lines.find(([key]) => key === line[0]),
              line,
            )
          }
          assert.ok(!lines.some(([key, , , at]) => key === loser && at === from))
        }
      }
    },
  },
  {
    name: 'many writers of rows at once: one that conflicts or whose row is elsewhere fails alone',
    async run({ storage }) {
      const name = freshName()
      const older = await storage.openContext(name, keptBefore)
      const store = await storage.openContext(name, kept)
      await commitState(older, 0, whole(0, { root: ['x', 0], children: [[], []] }), order('older shape'))
      await commitTo(store, order('no row'), 0)
      await commitState(store, 0, told(0, 'x'), order('left behind'))
      await commitTo(store, order('left behind'), 1)
      await commitState(store, 0, told(0, 'x'), order('there'))
      await commitState(store, 0, told(0, 'x'), order('ended'))
      await commitState(store, 1, gone(1), order('ended'))
      const before = await Promise.all(
        ['no row', 'left behind', 'there'].map((id) => loaded(store, order(id))),
      )
      const bad = [
        { id: 'no row', from: 1, reason: 'row' },
        { id: 'left behind', from: 2, reason: 'row' },
        { id: 'older shape', from: 1, reason: 'row' },
        { id: 'there', from: 0, reason: 'version' },
        { id: 'missing', from: 3, reason: 'version' },
        { id: 'ended', from: 2, reason: 'version' },
      ] as const
      // Each with good ones of its own that write as it does: what refuses one may hide that another is not refused.
      for (const { id, from, reason } of bad) {
        const ids = Array.from({ length: 50 }, (_, i) => `${id} ${i}`)
        const advance = (of: number) => (it: string) => commitState(store, of, told(of, 'good'), order(it))
        for (let of = 0; of < from; of++) await Promise.all(ids.map(advance(of)))
        const outcomes = await Promise.all([
          ...ids.slice(0, 25).map(advance(from)),
          commitState(store, from, told(from, 'bad'), order(id)),
          ...ids.slice(25).map(advance(from)),
        ])
        assert.deepEqual(outcomes[25], { ok: false, reason, stream: order(id) })
        assert.equal(outcomes.filter((it) => it.ok).length, 50)
        for (const it of ids) {
          const { version, row, events } = await store.readHistory(order(it))
          assert.deepEqual([version, row, events], [from + 1, from + 1, []])
        }
      }
      const after = await Promise.all(
        ['no row', 'left behind', 'there'].map((id) => loaded(store, order(id))),
      )
      assert.deepEqual(after, before)
      assert.equal((await store.readStream(order('missing'))).version, 0)
    },
  },
  {
    name: 'many writers of rows at once: one whose text no store can hold is refused, and the others are stored',
    async run({ fresh }) {
      const store = await fresh(kept)
      const text = difference(0, ['\0', 1, null])
      const goods = Array.from({ length: 50 }, (_, i) => good(i))
      const [outcomes, error] = await Promise.all([
        Promise.all(goods.map((it) => store.commit(it))),
        commitState(store, 0, text, order('text')).catch((thrown: unknown) => thrown),
      ])
      assert.ok(outcomes.every((it) => it.ok))
      assert.ok(isDureError(error, 'DURE_STORE_TEXT_INVALID'))
      assert.equal((await store.readStream(order('text'))).version, 0)
    },
  },
  {
    name: 'many writers of rows at once: a key is taken once, and its rows are of the commit that was stored',
    async run({ fresh }) {
      const store = await fresh(kept)
      const keyed = Array.from({ length: 80 }, (_, at) => {
        const [i, n] = [Math.floor(at / 2), at % 2]
        const stream = order(`${i} ${n}`, 'tenant')
        return unit([{ ...append(stream, 0, 1 + n), state: told(0, `w${n}`) }], { reply: reply(i, n) })
      })
      const [answers, others] = await Promise.all([
        Promise.all(keyed.map((it) => store.commit(it))),
        Promise.all(Array.from({ length: 30 }, (_, i) => store.commit(good(i)))),
      ])
      assert.ok(others.every((it) => it.ok))
      for (let i = 0; i < 40; i++) {
        const pair: (CommitOutcome | undefined)[] = [answers[2 * i], answers[2 * i + 1]]
        const winner = pair.findIndex((it) => it?.ok)
        assert.deepEqual(pair[1 - winner], { ok: false, reason: 'key' })
        assert.deepEqual(await store.findReply(i % 2 === 0 ? '' : 'acme', `k-${i}`), reply(i, winner))
        for (const n of [0, 1]) {
          const { version, row } = await store.readHistory(order(`${i} ${n}`, 'tenant'))
          assert.deepEqual([version, row], n === winner ? [1 + n, 1 + n] : [0, undefined])
        }
      }
    },
  },
  {
    name: 'many readers at once: each is told its own rows, and what its rows do not show',
    async run({ storage }) {
      const name = freshName()
      const older = await storage.openContext(name, keptBefore)
      const store = await storage.openContext(name, kept)
      const ids = Array.from({ length: 70 }, (_, i) => `${i}`)
      await Promise.all(
        ids.map(async (id, i): Promise<unknown> => {
          const stream = order(id, i % 3 === 0 ? 'acme' : '')
          // One of the same id, of another tenant, that is further.
          const other = order(id, i % 3 === 0 ? '' : 'acme')
          for (let from = 0; from < 3; from++) await commitState(store, from, told(from, 'other'), other)
          if (i % 7 === 1) return commitTo(store, stream, 0, 2)
          if (i % 7 === 2) {
            return commitState(older, 0, whole(0, { root: [id, i], children: [[], []] }), stream)
          }
          await commitState(store, 0, told(0, `w${id}`), stream)
          if (i % 7 === 3) return commitTo(store, stream, 1)
          if (i % 7 === 4) return commitState(store, 1, gone(1), stream)
          return commitState(store, 1, told(1, `x${id}`), stream)
        }),
      )
      const streams = [...ids, 'missing'].flatMap((id) => ['', 'acme'].map((tenant) => order(id, tenant)))
      const together = await Promise.all(streams.map((it) => loaded(store, it)))
      for (const [i, stream] of streams.entries()) {
        assert.deepEqual(together[i], await loaded(store, stream), `${stream.tenant} ${stream.id}`)
      }
      for (const [i, id] of ids.entries()) {
        const { version, ended, events, baseline, row } = await store.readHistory(
          order(id, i % 3 === 0 ? 'acme' : ''),
        )
        const shows = { 1: [2, 2], 2: [1, 1, 1], 3: [2, 1, 1, 1], 4: [2, 2] }[i % 7] ?? [2, 0, 2, 2]
        assert.deepEqual([version, events.length, row, baseline?.version].slice(0, shows.length), shows, id)
        assert.equal(ended, i % 7 === 4)
      }
    },
  },
  {
    name: 'many readers at once: each is told whether its own rows are current',
    async run({ fresh }) {
      const store = await fresh(kept)
      const ids = Array.from({ length: 60 }, (_, i) => `${i}`)
      await Promise.all(ids.map((id) => commitState(store, 0, told(0, 'w'), order(id))))
      await Promise.all(
        ids.map(async (id, i): Promise<unknown> => {
          if (i % 4 === 1) return commitState(store, 1, told(1, 'x'), order(id))
          if (i % 4 === 2) return commitTo(store, order(id), 1)
          return i % 4 === 3 ? store.keepState(order(id), 1, whole(1, orderRows())) : undefined
        }),
      )
      const asked = [...ids, 'missing'].flatMap((id) => [1, 2].map((version) => ({ id, version })))
      const found = await Promise.all(asked.map(({ id, version }) => store.isCurrent(order(id), version)))
      for (const [i, { id, version }] of asked.entries()) {
        const current = { 0: 1, 1: 2 }[Number(id) % 4]
        assert.equal(found[i], version === current, `${id} at ${version}`)
      }
    },
  },
]

interface Stored {
  readonly change: StateChange
  readonly to: number
  readonly position: number
}

/** Takes what it is told: of each stream the changes that were stored, by the versions that they came from. */
async function writeAtRandom(
  store: ContextStore,
  random: () => number,
  by: string,
  stored: Map<string, Map<number, Stored>>,
): Promise<void> {
  for (let i = 0; i < 12; i++) {
    const id = `s${Math.floor(random() * 30)}`
    const { version, row = 0, baseline } = await store.readHistory(order(id))
    assert.equal(row, version)
    const count = 1 + Math.floor(random() * 2)
    const lines = (baseline && 'rows' in baseline && baseline.rows.children[0]) || []
    const removable = lines.filter(([key]) => key !== 'shared' && key !== by)
    const { children, ...rest } = told(version, by)
    const removes = random() < 0.2 ? removable.slice(0, 1).map(([key]) => [key ?? null]) : []
    const change = { ...rest, children: children.map((it, at) => (at === 0 ? { ...it, removes } : it)) }
    const outcome = await store.commit(unit([{ ...append(order(id), version, count), state: change }]))
    if (!outcome.ok) {
      assert.equal(outcome.reason, 'version')
      continue
    }
    const changes = stored.get(id) ?? new Map<number, Stored>()
    stored.set(id, changes)
    assert.ok(!changes.has(version), `two were told that they won version ${version} of ${id}`)
    changes.set(version, { change, to: version + count, position: outcome.positions[0] ?? 0 })
  }
}

function countOf(changes: ReadonlyMap<number, Stored>): number {
  return Math.max(...Array.from(changes.values(), (it) => it.to))
}

/** Lines by their keys: writers put theirs at one place. */
function byKey(rows: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] {
  return rows.toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))
}
