import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { OutMessage, Topic } from '../../../ports/transport.ts'
import { Following } from './following.ts'
import {
  assertCode,
  bodies,
  bodiesOf,
  counted,
  eventually,
  freshTopic,
  out,
  type TransportCase,
} from './transport-harness.ts'

const publishThrough = (topic: Topic, messages: readonly OutMessage[]): Promise<void> =>
  eventually(() => topic.publish(messages))

export const outageCases: readonly TransportCase[] = [
  {
    name: 'while the broker is away every call is unavailable; when it is back, all goes on',
    needs: 'broker',
    async run({ transport, fresh, broker }) {
      const topic = await fresh(2)
      const reader = new Following(await topic.read('end'))
      await topic.publish(counted(0, 1, 10))
      await broker.stop()
      const uses: (() => Promise<unknown>)[] = [
        () => topic.publish([out(1, 'lost')]),
        () => topic.last(),
        () => topic.read('end'),
        () => transport.openTopic(freshTopic()),
        () => transport.ping(),
      ]
      for (const use of uses) await assertCode('DURE_TRANSPORT_UNAVAILABLE', use)
      topic.signal('nobody hears this')
      await reader.linger(200)
      await broker.start()
      await eventually(() => transport.ping())
      await publishThrough(topic, counted(0, 11, 20))
      await reader.until(() => reader.messages.some((it) => it.body === '0/20'))
      assert.deepEqual(
        bodiesOf(reader.messages, 0),
        counted(0, 1, 20).map((it) => it.body),
      )
      assert.deepEqual(bodies((await topic.last()).slice(0, 1)), ['0/20'])
      assert.ok(await eventually(() => transport.openTopic(freshTopic())))
    },
  },
  {
    name: 'a broker killed under publishers and readers loses and skips nothing',
    needs: 'broker',
    async run({ fresh, broker }) {
      const topic = await fresh(2)
      const reader = new Following(await topic.read('end'))
      const { place } = await topic.read('end')
      const done = new AbortController()
      let sent = 0
      const publishing = (async () => {
        while (!done.signal.aborted) {
          const [from, to] = [sent + 1, sent + 200]
          await publishThrough(topic, [...counted(0, from, to), ...counted(1, from, to)])
          sent = to
          await pause(2)
        }
      })()
      for (let kill = 0; kill < 3; kill++) {
        await reader.linger(300)
        await broker.stop()
        await reader.linger(100)
        await broker.start()
      }
      await reader.linger(300)
      done.abort()
      await publishing
      const isThrough = (reader: Following): boolean =>
        [0, 1].every((it) => reader.messages.some(({ body }) => body === `${it}/${sent}`))
      await reader.until(() => isThrough(reader))
      const again = new Following(await topic.read({ place }))
      await again.until(() => isThrough(again))
      for (const { messages } of [reader, again]) {
        for (const partition of [0, 1]) {
          const read = bodiesOf(messages, partition)
          const expected = counted(partition, 1, sent).map((it) => it.body)
          assert.equal(new Set(read).size, sent)
          // The last of each are in order, however often a batch had to be published.
          assert.deepEqual([...new Set(read.toReversed())].toReversed(), expected)
        }
      }
    },
  },
  {
    name: 'a reader opened from a place after a restart goes on there',
    needs: 'broker',
    async run({ fresh, broker }) {
      const topic = await fresh(1)
      const reader = new Following(await topic.read('end'))
      await topic.publish(counted(0, 1, 50))
      await reader.count(50)
      const { place } = reader.reader
      await broker.stop()
      await broker.start()
      await publishThrough(topic, [out(0, 'next')])
      const later = new Following(await eventually(() => topic.read({ place })))
      await later.count(1)
      assert.deepEqual(bodies(later.messages), ['next'])
    },
  },
  {
    name: 'after a wipe readers go on with the first message of the new topic, and publishing works',
    needs: 'broker',
    async run({ fresh, broker }) {
      const topic = await fresh(2)
      const reader = new Following(await topic.read('end'))
      await topic.publish(counted(0, 1, 30))
      await reader.count(30)
      await broker.wipe()
      await publishThrough(topic, counted(1, 1, 3))
      await reader.until(() => reader.messages.some((it) => it.body === '1/3'))
      assert.deepEqual(bodiesOf(reader.messages, 1), ['1/1', '1/2', '1/3'])
      assert.deepEqual(bodies(await eventually(() => topic.last())), ['1/3'])
    },
  },
  {
    name: 'a place from before a wipe means the first message, also when the new topic has grown past it',
    needs: 'broker',
    async run({ fresh, broker }) {
      const topic = await fresh(1)
      const reader = new Following(await topic.read('end'))
      await topic.publish(counted(0, 1, 30))
      await reader.count(30)
      const { place } = reader.reader
      await broker.wipe()
      await publishThrough(topic, counted(0, 101, 110))
      const short = new Following(await eventually(() => topic.read({ place })))
      assert.equal((await short.count(1))[0]?.body, '0/101')
      await publishThrough(topic, counted(0, 111, 180))
      const grown = new Following(await eventually(() => topic.read({ place })))
      const found = await grown.count(80)
      assert.deepEqual(
        bodies(found),
        counted(0, 101, 180).map((it) => it.body),
      )
    },
  },
  {
    name: 'a reader that does not look while the broker is wiped and filled again misses nothing of it',
    needs: 'broker',
    async run({ fresh, broker }) {
      const topic = await fresh(1)
      const reader = new Following(await topic.read('end'))
      await topic.publish(counted(0, 1, 100))
      await reader.count(100)
      await broker.wipe()
      await publishThrough(topic, counted(0, 201, 500))
      await pause(300)
      await reader.until(() => reader.messages.at(-1)?.body === '0/500')
      const read = bodies(reader.messages)
      const since = read.slice(read.indexOf('0/201'))
      assert.deepEqual(
        since,
        counted(0, 201, 500).map((it) => it.body),
      )
    },
  },
  {
    name: 'wiped again and again',
    needs: 'broker',
    async run({ fresh, broker }) {
      const topic = await fresh(1)
      const reader = new Following(await topic.read('end'))
      for (let life = 1; life <= 3; life++) {
        const messages = counted(0, life * 100, life * 100 + 4)
        await publishThrough(topic, messages)
        await reader.until(() => reader.messages.at(-1)?.body === messages.at(-1)?.body)
        await broker.wipe()
      }
    },
  },
  {
    name: 'closing while the broker is away ends what waits',
    needs: 'broker',
    async run({ harness, broker }) {
      const transport = await harness.open()
      const topic = await transport.openTopic(freshTopic(), 2)
      const reader = await topic.read('end')
      const waiting = reader.next()
      await broker.stop()
      await pause(50)
      try {
        await transport.close()
        assert.deepEqual(await waiting, [])
        await assertCode('DURE_TRANSPORT_CLOSED', () => topic.last())
      } finally {
        await broker.start()
      }
    },
  },
]
