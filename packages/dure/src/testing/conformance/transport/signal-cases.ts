import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { Following } from './following.ts'
import { bodies, out, type TransportCase } from './transport-harness.ts'

export const signalCases: readonly TransportCase[] = [
  {
    name: 'a signal reaches all who read now, and no later reader',
    async run({ fresh }) {
      const topic = await fresh(2)
      const { place } = await topic.read('end')
      const readers = [new Following(await topic.read('end')), new Following(await topic.read('end'))]
      topic.signal('주문 {"to":7}')
      for (const reader of readers) await reader.until(() => reader.signals.length > 0)
      assert.deepEqual(
        readers.map((it) => it.signals),
        [['주문 {"to":7}'], ['주문 {"to":7}']],
      )
      const later = new Following(await topic.read({ place }))
      await later.linger(50)
      assert.deepEqual([later.signals, later.messages], [[], []])
      assert.deepEqual(await topic.last(), [])
    },
  },
  {
    name: 'of many signals the newest counts',
    async run({ fresh }) {
      const topic = await fresh(1)
      const reader = new Following(await topic.read('end'))
      for (let n = 1; n <= 500; n++) topic.signal(`${n}`)
      await pause(200)
      await reader.until(() => reader.signals.at(-1) === '500')
      assert.deepEqual(reader.signals, ['500'])
    },
  },
  {
    name: 'signals between messages change nothing about them',
    async run({ fresh }) {
      const topic = await fresh(1)
      const reader = new Following(await topic.read('end'))
      for (let n = 1; n <= 100; n++) {
        topic.signal(`s${n}`)
        await topic.publish([out(0, `${n}`)])
      }
      await reader.until(() => reader.messages.length >= 100 && reader.signals.at(-1) === 's100')
      assert.deepEqual(
        bodies(reader.messages),
        Array.from({ length: 100 }, (_, i) => `${i + 1}`),
      )
    },
  },
  {
    name: 'a signal that no broker could carry is no error',
    async run({ fresh }) {
      const topic = await fresh(1)
      const reader = new Following(await topic.read('end'))
      topic.signal('x'.repeat(topic.maxBytes * 2))
      await topic.publish([out(0, 'goes on')])
      assert.deepEqual(bodies(await reader.count(1)), ['goes on'])
    },
  },
]
