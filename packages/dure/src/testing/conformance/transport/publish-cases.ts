import assert from 'node:assert/strict'
import { randomFrom } from '../harness.ts'
import { Following } from './following.ts'
import { assertCode, bodies, bodiesOf, counted, out, type TransportCase } from './transport-harness.ts'

export const publishCases: readonly TransportCase[] = [
  {
    name: 'a message is read as it was published, with its partition',
    async run({ fresh }) {
      const topic = await fresh(4)
      const reader = new Following(await topic.read('end'))
      await topic.publish([out(3, '{"n":1}'), out(0, '{"n":2}')])
      const found = await reader.count(2)
      // Between partitions no order is promised.
      assert.deepEqual(
        found
          .map(({ kind, partition, body }) => ({ kind, partition, body }))
          .toSorted((a, b) => a.partition - b.partition),
        [
          { kind: 'message', partition: 0, body: '{"n":2}' },
          { kind: 'message', partition: 3, body: '{"n":1}' },
        ],
      )
    },
  },
  {
    name: 'within a partition messages come in the order published, over many batches',
    async run({ fresh }) {
      const topic = await fresh(8)
      const reader = new Following(await topic.read('end'))
      const random = randomFrom(11)
      const sent = [0, 0, 0, 0, 0, 0, 0, 0]
      for (let batch = 0; batch < 60; batch++) {
        const messages = Array.from({ length: 1 + Math.floor(random() * 50) }, () => {
          const partition = Math.floor(random() * 8)
          const n = (sent[partition] ?? 0) + 1
          sent[partition] = n
          return out(partition, `${partition}/${n}`)
        })
        await topic.publish(messages)
      }
      const total = sent.reduce((sum, n) => sum + n, 0)
      await reader.count(total)
      for (const [partition, n] of sent.entries()) {
        assert.deepEqual(bodiesOf(reader.messages, partition), expectedOf(partition, n))
      }
    },
  },
  {
    name: 'what publish has resolved for is stored: a reader opened later sees it, and last() does',
    async run({ fresh }) {
      const topic = await fresh(2)
      const { place } = await topic.read('end')
      for (let n = 1; n <= 30; n++) {
        await topic.publish(counted(n % 2, n, n))
        assert.ok(bodies(await topic.last()).includes(`${n % 2}/${n}`))
      }
      const reader = new Following(await topic.read({ place }))
      assert.equal((await reader.count(30)).length, 30)
    },
  },
  {
    name: 'a batch of none is nothing',
    async run({ fresh }) {
      const topic = await fresh(1)
      await topic.publish([])
      assert.deepEqual(await topic.last(), [])
    },
  },
  {
    name: '10,000 messages in one call, in order',
    async run({ fresh }) {
      const topic = await fresh(4)
      const reader = new Following(await topic.read('end'))
      const messages = Array.from({ length: 10_000 }, (_, i) => out(i % 4, `${i % 4}/${i}`))
      await topic.publish(messages)
      await reader.count(10_000)
      for (let partition = 0; partition < 4; partition++) {
        const expected = bodies(messages.map(({ partition, body }) => ({ kind: 'message', partition, body })))
        assert.deepEqual(
          bodiesOf(reader.messages, partition),
          expected.filter((_, i) => i % 4 === partition),
        )
      }
    },
  },
  {
    name: 'bodies and ids of every alphabet, quotes, line breaks, U+0000, and an empty body',
    async run({ fresh }) {
      const topic = await fresh(1)
      const reader = new Following(await topic.read('end'))
      const texts = ['주문 완료', 'Grüße, «Ünïcode»', '🙂👩‍👩‍👧‍👦𝒳', '"\\\'\r\n\t', 'a\0b', '\u2028\ufeff', '', 'x']
      await topic.publish(texts.map((body, i) => ({ partition: 0, id: `주문-🙂-${i}`, body })))
      assert.deepEqual(bodies(await reader.count(texts.length)), texts)
      assert.deepEqual(bodies(await topic.last()), ['x'])
    },
  },
  {
    name: 'bodies up to maxBytes, counted in UTF-8; above it none of the batch is published',
    async run({ fresh }) {
      const topic = await fresh(1)
      const reader = new Following(await topic.read('end'))
      assert.ok(topic.maxBytes >= 100_000, `maxBytes is ${topic.maxBytes}`)
      const largest = 'x'.repeat(topic.maxBytes)
      const id = 'i'.repeat(255)
      await topic.publish([{ partition: 0, id, body: largest }])
      const wide = '주'.repeat(Math.floor(topic.maxBytes / 3))
      await topic.publish([{ partition: 0, id: 'wide', body: wide }])
      for (const body of [`${largest}x`, `${wide}주`]) {
        const batch = [out(0, 'before'), { partition: 0, id: 'large', body }]
        await assertCode('DURE_MESSAGE_TOO_LARGE', () => topic.publish(batch))
      }
      await topic.publish([out(0, 'after')])
      await reader.count(3)
      assert.ok(bodies(reader.messages).every((it, i) => it === [largest, wide, 'after'][i]))
    },
  },
  {
    name: 'a batch of many large messages',
    async run({ fresh }) {
      const topic = await fresh(2)
      const reader = new Following(await topic.read('end'))
      const size = Math.min(topic.maxBytes, 900_000)
      const text = (i: number): string => `${i}`.padEnd(size, '.')
      await topic.publish(
        Array.from({ length: 40 }, (_, i) => ({ partition: i % 2, id: `${i}`, body: text(i) })),
      )
      const found = await reader.count(40, 60_000)
      assert.ok(found.every((it) => it.body.length === size))
      const read = found.map((it) => Number.parseInt(it.body, 10))
      const expected = Array.from({ length: 40 }, (_, i) => i)
      assert.deepEqual(
        read.toSorted((a, b) => a - b),
        expected,
      )
    },
  },
  {
    name: 'what no broker could keep is refused, and none of its batch is published',
    async run({ fresh }) {
      const topic = await fresh(2)
      const good = out(0, 'good')
      const bad = [
        { ...good, partition: 2 },
        { ...good, partition: -1 },
        { ...good, partition: 0.5 },
        { ...good, partition: Number.NaN },
        { ...good, id: '' },
        { ...good, id: ' a' },
        { ...good, id: 'a\r\nNats-Msg-Id: b' },
        { ...good, id: 'a\0' },
        { ...good, id: 'i'.repeat(256) },
        { ...good, id: '🙂'.repeat(64) },
        { ...good, body: 'half \ud83d' },
      ]
      for (const each of bad) {
        await assertCode('DURE_MESSAGE_UNPUBLISHABLE', () => topic.publish([good, each]))
      }
      assert.deepEqual(await topic.last(), [])
    },
  },
  {
    name: 'a message published again is read once or twice; others are not taken for it',
    async run({ fresh }) {
      const [topic, other] = [await fresh(1), await fresh(1)]
      const reader = new Following(await topic.read('end'))
      const [a, b] = [
        { partition: 0, id: 'a', body: 'same' },
        { partition: 0, id: 'b', body: 'same' },
      ]
      await topic.publish([a, b])
      await topic.publish([a])
      await topic.publish([{ partition: 0, id: 'c', body: 'end' }])
      await other.publish([a])
      await reader.until(() => reader.messages.at(-1)?.body === 'end')
      const times = reader.messages.length - 1
      assert.ok(times === 2 || times === 3, `${times} instead of two or three`)
      assert.deepEqual(bodies(await other.last()), ['same'])
    },
  },
  {
    name: 'calls at once: each keeps its own order, and all is there',
    async run({ fresh }) {
      const topic = await fresh(1)
      const reader = new Following(await topic.read('end'))
      const call = (c: number): Promise<void> =>
        topic.publish(Array.from({ length: 200 }, (_, i) => out(0, `${c}/${i}`)))
      await Promise.all(Array.from({ length: 10 }, (_, c) => call(c)))
      await reader.count(2000)
      for (let c = 0; c < 10; c++) {
        const own = bodies(reader.messages).filter((it) => it.startsWith(`${c}/`))
        assert.deepEqual(
          own,
          Array.from({ length: 200 }, (_, i) => `${c}/${i}`),
        )
      }
    },
  },
]

function expectedOf(partition: number, count: number): string[] {
  return counted(partition, 1, count).map((it) => it.body)
}
