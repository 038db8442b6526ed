import assert from 'node:assert/strict'
import { PARTITIONS } from '../../../ports/transport.ts'
import { Following } from './following.ts'
import { assertCode, bodies, counted, freshTopic, out, type TransportCase } from './transport-harness.ts'

export const topicCases: readonly TransportCase[] = [
  {
    name: 'a topic opened twice, or by many at once, is one topic',
    async run({ transport }) {
      const name = freshTopic()
      const topics = await Promise.all(Array.from({ length: 8 }, () => transport.openTopic(name, 3)))
      topics.push(await transport.openTopic(name, 3))
      const { place } = await (topics[0] ?? assert.fail()).read('end')
      for (const [i, topic] of topics.entries()) {
        assert.equal(topic.name, name)
        assert.equal(topic.partitions, 3)
        await topic.publish(counted(1, i, i))
      }
      for (const topic of topics) {
        const reader = new Following(await topic.read({ place }))
        assert.deepEqual(
          bodies(await reader.count(9)),
          counted(1, 0, 8).map((it) => it.body),
        )
        await reader.reader.close()
      }
    },
  },
  {
    name: 'a topic opened by several transports at once is one topic',
    needs: 'shared',
    async run({ another }) {
      const name = freshTopic()
      const transports = [await another(), await another(), await another(), await another()]
      const topics = await Promise.all(transports.map((it) => it.openTopic(name)))
      for (const [i, topic] of topics.entries()) await topic.publish(counted(0, i, i))
      for (const topic of topics) assert.deepEqual(bodies(await topic.last()), ['0/3'])
    },
  },
  {
    name: 'opening a topic again keeps what is in it',
    async run({ transport, fresh }) {
      const topic = await fresh(2)
      await topic.publish([out(1, 'kept')])
      assert.deepEqual(bodies(await (await transport.openTopic(topic.name, 2)).last()), ['kept'])
    },
  },
  {
    name: 'a look at a topic makes none, and finds what is in one that is there',
    async run({ transport }) {
      const name = freshTopic()
      assert.equal(await transport.findTopic(name, 2), undefined)
      assert.equal(await transport.findTopic(name, 2), undefined)
      await (await transport.openTopic(name, 2)).publish([out(1, 'there')])
      const found = (await transport.findTopic(name, 2)) ?? assert.fail()
      assert.deepEqual([found.name, found.partitions], [name, 2])
      assert.deepEqual(bodies(await found.last()), ['there'])
      await assertCode('DURE_TRANSPORT_UNSUITABLE', () => transport.findTopic(name, 3))
      await assertCode('DURE_TOPIC_INVALID', () => transport.findTopic('a b', 2))
    },
  },
  {
    name: 'a topic has as many partitions as it was made with, and the usual number where none is said',
    async run({ transport }) {
      const name = freshTopic()
      const topic = await transport.openTopic(name)
      assert.equal(topic.partitions, PARTITIONS)
      await topic.publish([out(PARTITIONS - 1, 'x')])
      await assertCode('DURE_TRANSPORT_UNSUITABLE', () => transport.openTopic(name, PARTITIONS + 1))
      await assertCode('DURE_TRANSPORT_UNSUITABLE', () => transport.openTopic(name, PARTITIONS - 1))
      assert.deepEqual(bodies(await topic.last()), ['x'])
      const widest = await transport.openTopic(freshTopic(), 1024)
      await widest.publish([out(1023, 'far'), out(0, 'near')])
      assert.deepEqual(bodies(await widest.last()), ['near', 'far'])
    },
  },
  {
    name: 'names of topics: letters of any script, digits, _, - and dots between',
    async run({ transport }) {
      const suffix = freshTopic().slice(-24)
      const longest = `${suffix}.${'x'.repeat(199 - suffix.length)}`
      for (const name of [`a.${suffix}`, `Shop-1.주문_x.${suffix}`, `0.${suffix}.a.b.c.d`, longest]) {
        const topic = await transport.openTopic(name, 2)
        await topic.publish([out(1, name)])
        assert.deepEqual(bodies(await topic.last()), [name])
      }
      const bad = [
        '',
        '.',
        'a.',
        '.a',
        'a..b',
        'a b',
        'a*',
        'a.>',
        '$JS',
        '_INBOX.a',
        'a/b',
        'a\\b',
        'a\n',
        '🙂',
      ]
      for (const name of [...bad, `${longest}x`, '주'.repeat(67)]) {
        await assertCode('DURE_TOPIC_INVALID', () => transport.openTopic(name))
      }
      for (const partitions of [0, -1, 1.5, 1025, Number.NaN]) {
        await assertCode('DURE_TOPIC_INVALID', () => transport.openTopic(freshTopic(), partitions))
      }
    },
  },
  {
    name: 'last() is the last message of each partition that has one, in the order of partitions',
    async run({ fresh }) {
      const topic = await fresh(16)
      assert.deepEqual(await topic.last(), [])
      await topic.publish([...counted(9, 1, 40), ...counted(2, 1, 3), out(15, '주문')])
      const expected = [
        { kind: 'message', partition: 2, body: '2/3' },
        { kind: 'message', partition: 9, body: '9/40' },
        { kind: 'message', partition: 15, body: '주문' },
      ]
      assert.deepEqual(
        (await topic.last()).map(({ kind, partition, body }) => ({ kind, partition, body })),
        expected,
      )
    },
  },
  {
    name: 'a transport has a name and answers a ping; closed, it, its topics and readers say so',
    async run({ harness }) {
      const transport = await harness.open()
      assert.ok(transport.name.length > 0)
      await transport.ping()
      const topic = await transport.openTopic(freshTopic(), 2)
      const reader = await topic.read('end')
      const waiting = reader.next()
      await transport.close()
      await transport.close()
      assert.deepEqual(await waiting, [])
      assert.deepEqual(await reader.next(), [])
      await reader.close()
      const uses: (() => Promise<unknown>)[] = [
        () => transport.ping(),
        () => transport.openTopic(freshTopic()),
        () => transport.findTopic(freshTopic()),
        () => topic.publish([out(0, 'x')]),
        () => topic.last(),
        () => topic.read('end'),
      ]
      for (const use of uses) await assertCode('DURE_TRANSPORT_CLOSED', use)
      topic.signal('nobody hears this')
    },
  },
]
