import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { InMessage } from '../../../ports/transport.ts'
import { Following } from './following.ts'
import { bodies, counted, freshTopic, out, type TransportCase } from './transport-harness.ts'

export const readerCases: readonly TransportCase[] = [
  {
    name: 'every reader reads everything; reading takes nothing away',
    async run({ fresh }) {
      const topic = await fresh(2)
      const readers = [
        new Following(await topic.read('end')),
        new Following(await topic.read('end')),
        new Following(await topic.read('end')),
      ]
      const { place } = await topic.read('end')
      await topic.publish([...counted(0, 1, 500), ...counted(1, 1, 500)])
      readers.push(new Following(await topic.read({ place })))
      for (const reader of readers) {
        const found = await reader.count(1000)
        assert.equal(new Set(bodies(found)).size, 1000)
      }
    },
  },
  {
    name: 'a reader that does not call next() is not read ahead without bound, and misses nothing',
    async run({ fresh }) {
      const topic = await fresh(1)
      const reader = await topic.read('end')
      const total = 40_000
      for (let n = 1; n <= total; n += 5000) await topic.publish(counted(0, n, n + 4999))
      // Long enough for a reader without a bound to have everything.
      await pause(1000)
      const first = await reader.next()
      assert.ok(first.length <= total / 4, `${first.length} of ${total} messages were read ahead`)
      const rest = new Following(reader)
      await rest.count(total - first.length)
      const found = [...first.filter((it): it is InMessage => it.kind === 'message'), ...rest.messages]
      assert.deepEqual(
        bodies(found),
        counted(0, 1, total).map((it) => it.body),
      )
    },
  },
  {
    name: 'a slow reader beside a quick one gets all of it',
    async run({ fresh }) {
      const topic = await fresh(1)
      const [slow, quick] = [await topic.read('end'), new Following(await topic.read('end'))]
      await topic.publish(counted(0, 1, 5000))
      await quick.count(5000)
      const found: string[] = []
      while (found.length < 5000) {
        const page = await slow.next()
        assert.ok(page.length > 0)
        found.push(...page.map((it) => it.body))
        await pause(10)
      }
      assert.deepEqual(found, bodies(quick.messages))
    },
  },
  {
    name: 'closing ends a next() that waits: empty; so is every next() after it',
    async run({ fresh }) {
      const topic = await fresh(1)
      const reader = await topic.read('end')
      const waiting = reader.next()
      await pause(20)
      await reader.close()
      assert.deepEqual(await waiting, [])
      await reader.close()
      await topic.publish([out(0, 'late')])
      assert.deepEqual(await reader.next(), [])
      assert.ok(reader.place.length > 0)
    },
  },
  {
    name: 'closing one reader leaves the others',
    async run({ fresh }) {
      const topic = await fresh(1)
      const [a, b] = [await topic.read('end'), new Following(await topic.read('end'))]
      await a.close()
      await topic.publish(counted(0, 1, 10))
      assert.equal((await b.count(10)).length, 10)
    },
  },
  {
    name: 'topics do not mix, whatever their names have in common',
    async run({ transport }) {
      const name = freshTopic()
      const names = [name, `${name}.0`, `${name}.signal`, `${name}_0`, `${name}-0`, name.toUpperCase()]
      const topics = await Promise.all(names.map((it) => transport.openTopic(it, 2)))
      const readers = await Promise.all(topics.map(async (it) => new Following(await it.read('end'))))
      await Promise.all(topics.map((it) => it.publish([out(0, `in ${it.name}`)])))
      for (const it of topics) it.signal(`to ${it.name}`)
      for (const [i, reader] of readers.entries()) {
        await reader.until(() => reader.messages.length > 0 && reader.signals.length > 0)
        await reader.linger(20)
        assert.deepEqual(bodies(reader.messages), [`in ${names[i]}`])
        assert.deepEqual(reader.signals, [`to ${names[i]}`])
      }
      const last = await Promise.all(topics.map((it) => it.last()))
      assert.deepEqual(
        last.map(bodies),
        names.map((it) => [`in ${it}`]),
      )
    },
  },
  {
    name: 'what another transport publishes, and signals, is read',
    needs: 'shared',
    async run({ transport, another, fresh }) {
      const topic = await fresh(3)
      const there = await (await another()).openTopic(topic.name, 3)
      const reader = new Following(await topic.read('end'))
      for (let n = 1; n <= 50; n++) {
        await (n % 2 === 0 ? topic : there).publish(counted(n % 3, n, n))
        assert.ok(bodies(await topic.last()).includes(`${n % 3}/${n}`))
        assert.ok(bodies(await there.last()).includes(`${n % 3}/${n}`))
      }
      there.signal('from there')
      await reader.until(() => reader.messages.length >= 50 && reader.signals.length > 0)
      assert.equal(reader.messages.length, 50)
      assert.deepEqual(reader.signals, ['from there'])
      assert.ok(transport.name.length > 0)
    },
  },
]
