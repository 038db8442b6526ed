import assert from 'node:assert/strict'
import { isDureError } from '../../kernel/error.ts'
import type {
  Commit,
  CommitOutcome,
  StoredEvent,
  StoredReply,
  StreamHistory,
} from '../../ports/event-store.ts'
import type { ContextStore } from '../../ports/store.ts'
import {
  append,
  commitTo,
  meta,
  noon,
  order,
  randomFrom,
  readUntil,
  type StorageCase,
  unit,
} from './harness.ts'

const crowd = 64

const shape = 'shape 1'
const kept = [{ aggregate: 'Order', shape }]

const commitBy = (i: number, which: string): Commit => ({
  at: new Date(noon.getTime() + i),
  meta: {
    command: `${i} ${which}`,
    actor: `"${which}" \\ {${i}}`,
    correlation: which,
    ...(i % 2 === 0 && { causation: `cause, ${i}` }),
    ...(i % 3 === 0 && { traceparent: 'NULL' }),
  },
  appends: [append(order(`${i}`), 0, 1 + (i % 3))],
})

const reply = (i: number, n: number): StoredReply => ({
  tenant: i % 2 === 0 ? '' : 'acme',
  key: `k-${i}`,
  request: `r-${n}`,
  reply: { n, text: `"${i}" \\ \n` },
})

// Many at once: a store may carry them out together, and then still each by itself.
export const crowdCases: readonly StorageCase[] = [
  {
    name: 'many writers at once: exactly what was acknowledged is stored, at the positions that were told',
    async run({ fresh }) {
      const store = await fresh()
      const random = randomFrom(7)
      const told = new Map<string, number>()
      await Promise.all(Array.from({ length: crowd }, () => writeAtRandom(store, random, told)))
      assert.ok(told.size > crowd)
      const stored = storedBy(told)
      const log = await readUntil(store.openLog(0), (events) => events.length >= stored)
      assertRising(log)
      const last = new Map(log.map((it) => [`${it.stream.id}/${it.version}`, it.position]))
      for (const [place, position] of told) assert.equal(last.get(place), position, place)
      assert.equal(log.length, stored)
    },
  },
  {
    name: 'many writers at once: of two at one version exactly one wins, and each keeps who, why and when',
    async run({ fresh }) {
      const store = await fresh()
      const both = Array.from({ length: 100 }, (_, i) => [commitBy(i, 'one'), commitBy(i, 'other')]).flat()
      const outcomes = await Promise.all(both.map((it) => store.commit(it)))
      for (let i = 0; i < 100; i++) {
        const [one, other] = [outcomes[2 * i], outcomes[2 * i + 1]]
        assert.ok(one?.ok !== other?.ok)
        assert.deepEqual(one?.ok ? other : one, { ok: false, reason: 'version', stream: order(`${i}`) })
        const winner = both[one?.ok ? 2 * i : 2 * i + 1]
        const { events, version } = await store.readStream(order(`${i}`))
        assert.equal(version, 1 + (i % 3))
        for (const it of events) assert.deepEqual([it.meta, it.at], [winner?.meta, winner?.at])
        assert.deepEqual(
          events.map((it) => it.data),
          winner?.appends[0]?.events.map((it) => it.data),
        )
      }
    },
  },
  {
    name: 'many writers at once: one that conflicts, has ended or cannot be stored fails alone',
    async run({ fresh }) {
      const store = await fresh()
      await commitTo(store, order('there'), 0)
      await store.commit(unit([{ ...append(order('ended'), 0), ends: true }]))
      const good = Array.from({ length: 100 }, (_, i) => () => commitTo(store, order(`good ${i}`), 0))
      const stale = (): Promise<CommitOutcome> => commitTo(store, order('there'), 0)
      const early = (): Promise<CommitOutcome> => commitTo(store, order('missing'), 3)
      const late = (): Promise<CommitOutcome> => commitTo(store, order('ended'), 1)
      const bad = (): Promise<CommitOutcome> =>
        store.commit(unit([append(order('bad'), 0)], { meta: { ...meta, actor: '\0' } }))
      const all = [...good.slice(0, 30), stale, early, ...good.slice(30, 60), late, bad, ...good.slice(60)]
      const outcomes = await Promise.allSettled(all.map((run) => run()))
      const found = new Map(outcomes.map((it, i) => [all[i], it]))
      for (const it of good) assert.equal(valueOf(found.get(it))?.ok, true)
      for (const [it, id] of [
        [stale, 'there'],
        [early, 'missing'],
        [late, 'ended'],
      ] as const) {
        assert.deepEqual(valueOf(found.get(it)), { ok: false, reason: 'version', stream: order(id) })
      }
      const refused = found.get(bad)
      assert.ok(refused?.status === 'rejected' && isDureError(refused.reason, 'DURE_STORE_TEXT_INVALID'))
      for (const id of ['bad', 'missing']) assert.equal((await store.readStream(order(id))).version, 0)
      for (const id of ['there', 'ended']) assert.equal((await store.readStream(order(id))).version, 1)
    },
  },
  {
    name: 'many writers at once: a key is taken once, and its reply is of the commit that was stored',
    async run({ fresh }) {
      const store = await fresh()
      await store.commit(unit([append(order('before'), 0)], { reply: reply(0, 9) }))
      const keyed = Array.from({ length: 40 }, (_, i) =>
        [0, 1].map((n) => ({
          i,
          n,
          commit: unit([append(order(`${i} ${n}`), 0, 1 + n)], { reply: reply(i, n) }),
        })),
      ).flat()
      const plain = Array.from({ length: 40 }, (_, i) => unit([append(order(`plain ${i}`), 0)]))
      const [answers, others] = await Promise.all([
        Promise.all(keyed.map((it) => store.commit(it.commit))),
        Promise.all(plain.map((it) => store.commit(it))),
      ])
      assert.ok(others.every((it) => it.ok))
      for (let i = 0; i < 40; i++) {
        const pair = [0, 1].map((n) => answers[2 * i + n])
        const winner = i === 0 ? 9 : pair.findIndex((it) => it?.ok)
        assert.equal(pair.filter((it) => it?.ok).length, i === 0 ? 0 : 1, `key ${i}`)
        for (const it of pair) if (it?.ok === false) assert.equal(it.reason, 'key')
        assert.deepEqual(await store.findReply(i % 2 === 0 ? '' : 'acme', `k-${i}`), reply(i, winner))
        for (const n of [0, 1]) {
          assert.equal((await store.readStream(order(`${i} ${n}`))).version, n === winner ? 1 + n : 0)
        }
      }
    },
  },
  {
    name: 'many readers at once: each is told its own stream, from its own snapshot',
    async run({ fresh }) {
      const store = await fresh(kept)
      await Promise.all(
        Array.from({ length: 90 }, (_, i) =>
          store.commit(unit([{ ...append(order(`${i}`), 0, 1 + (i % 5)), ends: i % 7 === 0 }])),
        ),
      )
      await commitTo(store, order('long'), 0, 700)
      const state = { text: '"\\', n: 1 }
      await store.keepSnapshot(order('long'), { version: 690, shape, state })
      await store.keepSnapshot(order('1'), { version: 2, shape, state })
      await store.keepSnapshot(order('2'), { version: 3, shape: 'another', state })
      await commitTo(store, order('longer'), 0, 700)
      const ids = [...Array.from({ length: 100 }, (_, i) => `${i}`), 'long', 'longer', 'missing']
      const together = await Promise.all(ids.map((id) => store.readHistory(order(id))))
      for (const [i, id] of ids.entries()) {
        const { version, ended, events, baseline } = together[i] ?? assert.fail()
        const read = await store.readStream(order(id), baseline?.version)
        assert.deepEqual([version, ended], [read.version, read.ended], id)
        assert.deepEqual(events.map(partsOf), read.events.map(partsOf), id)
        const snapshot = { long: 690, 1: 2 }[id]
        assert.deepEqual(baseline, snapshot && { version: snapshot, snapshot: state }, id)
      }
    },
  },
]

/** Takes what it is told: `stream/version` of the last event of each commit, with its position. */
async function writeAtRandom(
  store: ContextStore,
  random: () => number,
  told: Map<string, number>,
): Promise<void> {
  for (let i = 0; i < 12; i++) {
    const id = `s${Math.floor(random() * 30)}`
    const { version } = await store.readStream(order(id))
    const count = 1 + Math.floor(random() * 2)
    const outcome = await commitTo(store, order(id), version, count)
    if (outcome.ok) told.set(`${id}/${version + count}`, outcome.positions[0] ?? 0)
    else assert.equal(outcome.reason, 'version')
  }
}

/** How many events there are, from the highest version told of each stream. */
function storedBy(told: ReadonlyMap<string, number>): number {
  const versions = new Map<string, number>()
  for (const place of told.keys()) {
    const [id = '', version] = place.split('/')
    versions.set(id, Math.max(versions.get(id) ?? 0, Number(version)))
  }
  return [...versions.values()].reduce((sum, it) => sum + it, 0)
}

/** Each stream without gap, in the order of the log. */
function assertRising(log: readonly StoredEvent[]): void {
  const last = new Map<string, number>()
  let position = 0
  for (const { stream, version, position: at } of log) {
    assert.ok(at > position)
    position = at
    assert.equal(version, (last.get(stream.id) ?? 0) + 1, stream.id)
    last.set(stream.id, version)
  }
}

function valueOf<T>(it: PromiseSettledResult<T> | undefined): T | undefined {
  return it?.status === 'fulfilled' ? it.value : undefined
}

function partsOf({ position, type, schema, data }: StreamHistory['events'][number]): readonly unknown[] {
  return [position, type, schema, data]
}
