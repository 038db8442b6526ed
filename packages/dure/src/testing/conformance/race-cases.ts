import assert from 'node:assert/strict'
import type { ContextStore } from '../../ports/store.ts'
import { append, commitTo, order, places, readUntil, type StorageCase, unit } from './harness.ts'

const racers = 20

export const raceCases: readonly StorageCase[] = [
  {
    name: 'of racing appends at one version exactly one wins, round after round',
    async run({ fresh }) {
      const store = await fresh()
      for (let version = 0; version < 10; version++) {
        const tries = Array.from({ length: racers }, () => commitTo(store, order('1'), version))
        const outcomes = await Promise.all(tries)
        const won = outcomes.filter((it) => it.ok)
        assert.equal(won.length, 1)
        for (const lost of outcomes.filter((it) => !it.ok)) assert.equal(lost.reason, 'version')
      }
      assert.equal((await store.readStream(order('1'))).version, 10)
    },
  },
  {
    name: 'racing appenders that try again lose nothing, and the log holds each event once, in order',
    async run({ fresh }) {
      const store = await fresh()
      await Promise.all(Array.from({ length: racers }, () => appendStubbornly(store)))
      const versions = Array.from({ length: racers }, (_, i) => `1/${i + 1}`)
      assert.deepEqual(places((await store.readStream(order('1'))).events), versions)
      const log = await readUntil(store.openLog(0), (events) => events.length >= racers)
      assert.deepEqual(places(log), versions)
    },
  },
  {
    name: 'racing commits over the same streams in different order neither deadlock nor tear',
    async run({ fresh }) {
      const store = await fresh()
      const [a, b, c] = [order('a'), order('b'), order('c')]
      const orders = [
        [a, b, c],
        [c, b, a],
        [b, c, a],
      ]
      for (let version = 0; version < 5; version++) {
        const tries = Array.from({ length: racers }, (_, i) =>
          store.commit(unit((orders[i % 3] ?? []).map((it) => append(it, version)))),
        )
        const outcomes = await Promise.all(tries)
        assert.equal(outcomes.filter((it) => it.ok).length, 1)
      }
      for (const stream of [a, b, c]) assert.equal((await store.readStream(stream)).version, 5)
    },
  },
]

async function appendStubbornly(store: ContextStore): Promise<void> {
  for (;;) {
    const { version } = await store.readStream(order('1'))
    if ((await commitTo(store, order('1'), version)).ok) return
  }
}
