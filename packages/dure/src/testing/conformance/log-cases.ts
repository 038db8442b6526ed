import assert from 'node:assert/strict'
import type { StoredEvent } from '../../ports/event-store.ts'
import { append, commitTo, order, places, readUntil, type StorageCase, unit } from './harness.ts'
import { tryManyWriters } from './many-writers.ts'

function positions(events: readonly StoredEvent[]): number[] {
  return events.map((it) => it.position)
}

export const logCases: readonly StorageCase[] = [
  {
    name: 'the log of an empty context is empty',
    async run({ fresh }) {
      const reader = (await fresh()).openLog(0)
      assert.deepEqual(await reader.next(10), [])
      assert.equal(reader.mark, 0)
    },
  },
  {
    name: 'the log holds every event once, by rising position, each as its stream holds it',
    async run({ fresh }) {
      const store = await fresh()
      await commitTo(store, order('a'), 0, 2)
      await store.commit(unit([append(order('b'), 0), append(order('c'), 0, 3)]))
      await commitTo(store, order('a'), 2)
      const log = await readUntil(store.openLog(0), (events) => events.length >= 7)
      assert.deepEqual(
        positions(log),
        positions(log).toSorted((a, b) => a - b),
      )
      assert.deepEqual(places(log).toSorted(), ['a/1', 'a/2', 'a/3', 'b/1', 'c/1', 'c/2', 'c/3'])
      for (const id of ['a', 'b', 'c']) {
        const { events } = await store.readStream(order(id))
        assert.deepEqual(
          log.filter((it) => it.stream.id === id),
          events,
        )
      }
    },
  },
  {
    name: 'a reader pages: never more than the limit, and the mark is what was returned',
    async run({ fresh }) {
      const store = await fresh()
      for (let i = 0; i < 5; i++) await commitTo(store, order('a'), i * 5, 5)
      for (const limit of [1, 2, 7, 25, 1000]) {
        const reader = store.openLog(0)
        const seen: StoredEvent[] = []
        while (seen.length < 25) {
          const batch = await reader.next(limit)
          assert.ok(
            batch.length > 0 && batch.length <= limit,
            `${batch.length} events for a limit of ${limit}`,
          )
          seen.push(...batch)
          assert.ok(reader.mark >= (seen.at(-1)?.position ?? 0))
        }
        assert.deepEqual(await reader.next(limit), [])
        assert.equal(new Set(positions(seen)).size, 25)
      }
    },
  },
  {
    name: 'a reader resumes where another stopped',
    async run({ fresh }) {
      const store = await fresh()
      await commitTo(store, order('a'), 0, 10)
      const first = store.openLog(0)
      const head = await readUntil(first, (events) => events.length >= 4, 4)
      const second = store.openLog(first.mark)
      assert.equal(second.mark, first.mark)
      const tail = await readUntil(second, (events) => events.length >= 6)
      assert.deepEqual(
        [...head, ...tail].map((it) => it.version),
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      )
      await commitTo(store, order('a'), 10)
      assert.deepEqual(places(await readUntil(second, (events) => events.length >= 1)), ['a/11'])
    },
  },
  {
    name: 'refused commits hold the log back for no one',
    async run({ fresh }) {
      const store = await fresh()
      const reader = store.openLog(0)
      await commitTo(store, order('a'), 0)
      const reply = { tenant: '', key: 'k', request: 'h', reply: {} }
      await store.commit(unit([append(order('b'), 0)], { reply }))
      for (let i = 0; i < 5; i++) {
        await commitTo(store, order('a'), 0)
        await store.commit(unit([append(order('c'), 0), append(order('a'), 0)]))
        await store.commit(unit([append(order('d'), 0)], { reply }))
      }
      await commitTo(store, order('a'), 1)
      const log = await readUntil(reader, (events) => events.length >= 3)
      assert.deepEqual(places(log), ['a/1', 'b/1', 'a/2'])
    },
  },
  {
    name: 'many writers, slow ones and ones that give up among them: no event lost, repeated or out of order',
    run: (trial) => tryManyWriters(trial, 1000),
  },
]
