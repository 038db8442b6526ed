import assert from 'node:assert/strict'
import { describe, it, test } from 'vitest'
import { counted } from '../../testing/conformance/transport/transport-harness.ts'
import { Following } from '../../testing/conformance/transport/following.ts'
import { transportConformance } from '../../testing/conformance/index.ts'
import { type MemoryTransport, memoryTransport } from './memory-transport.ts'

describe('transport conformance', () => {
  let broker: MemoryTransport
  transportConformance(
    {
      name: 'memory',
      open: async () => (broker = memoryTransport()),
      broker: {
        stop: async () => broker.away(true),
        start: async () => broker.away(false),
        wipe: async () => broker.wipe(),
      },
    },
    it,
  )
})

test('a topic keeps so many messages; a place that expired means the first of them', async () => {
  const topic = await memoryTransport({ keep: 100 }).openTopic('Shop', 2)
  const { place } = await topic.read('end')
  await topic.publish([...counted(1, 1, 1), ...counted(0, 1, 250)])
  const reader = new Following(await topic.read({ place }))
  await reader.count(100)
  assert.equal(reader.messages[0]?.body, '0/151')
  assert.deepEqual(
    (await topic.last()).map((it) => it.body),
    ['0/250'],
  )
})

test('a reader that was overtaken goes on with the first that is kept', async () => {
  const topic = await memoryTransport({ keep: 10 }).openTopic('Shop', 1)
  const reader = new Following(await topic.read('end'))
  await topic.publish(counted(0, 1, 5))
  await reader.count(5)
  await topic.publish(counted(0, 6, 40))
  await reader.until(() => reader.messages.at(-1)?.body === '0/40')
  assert.equal(reader.messages[5]?.body, '0/31')
})
