import assert from 'node:assert/strict'
import { Following } from './following.ts'
import { bodies, counted, out, type TransportCase } from './transport-harness.ts'

export const placeCases: readonly TransportCase[] = [
  {
    name: 'from the end a reader reads only what is published from then on',
    async run({ fresh }) {
      const topic = await fresh(2)
      await topic.publish(counted(0, 1, 20))
      const reader = new Following(await topic.read('end'))
      await reader.linger(50)
      assert.deepEqual(reader.messages, [])
      await topic.publish(counted(1, 1, 3))
      assert.deepEqual(bodies(await reader.count(3)), ['1/1', '1/2', '1/3'])
    },
  },
  {
    name: 'from any place a reader goes on right after what had been read there',
    async run({ fresh }) {
      const topic = await fresh(1)
      const reader = await topic.read('end')
      const places = [{ place: reader.place, read: 0 }]
      let read = 0
      for (let batch = 0; batch < 8; batch++) {
        await topic.publish(counted(0, batch * 700 + 1, batch * 700 + 700))
        for (const goal = (batch + 1) * 700; read < goal;) {
          read += (await reader.next()).length
          places.push({ place: reader.place, read })
        }
      }
      await reader.close()
      for (const { place, read } of places) {
        assert.match(place, /^[\x21-\x7e]{1,100}$/)
        const again = await topic.read({ place })
        assert.equal(again.place, place)
        if (read === 5600) continue
        const [next] = await again.next()
        assert.equal(next?.body, `0/${read + 1}`)
        await again.close()
      }
    },
  },
  {
    name: 'the place of a reader that has read nothing is where it began',
    async run({ fresh }) {
      const topic = await fresh(1)
      const empty = (await topic.read('end')).place
      await topic.publish(counted(0, 1, 5))
      const later = (await topic.read('end')).place
      await topic.publish(counted(0, 6, 8))
      const all = new Following(await topic.read({ place: empty }))
      const some = new Following(await topic.read({ place: later }))
      assert.equal((await all.count(8)).length, 8)
      assert.deepEqual(bodies(await some.count(3)), ['0/6', '0/7', '0/8'])
    },
  },
  {
    name: 'what is no place of the topic means from the first message',
    async run({ fresh }) {
      const [topic, other] = [await fresh(1), await fresh(1)]
      await other.publish(counted(0, 1, 300))
      const elsewhere = (await other.read('end')).place
      await topic.publish(counted(0, 1, 3))
      const strange = ['', 'nonsense', '-1', '9'.repeat(40), '주문', elsewhere, `${elsewhere}0`]
      for (const place of strange) {
        const reader = new Following(await topic.read({ place }))
        assert.deepEqual(bodies(await reader.count(3)), ['0/1', '0/2', '0/3'], `place ${place}`)
        await reader.reader.close()
      }
    },
  },
  {
    name: 'signals do not move the place',
    async run({ fresh }) {
      const topic = await fresh(1)
      const reader = new Following(await topic.read('end'))
      const { place } = reader.reader
      topic.signal('one')
      await reader.until(() => reader.signals.length > 0)
      await topic.publish([out(0, 'm')])
      const later = new Following(await topic.read({ place }))
      assert.deepEqual(bodies(await later.count(1)), ['m'])
    },
  },
]
