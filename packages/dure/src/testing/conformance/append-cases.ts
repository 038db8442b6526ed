import assert from 'node:assert/strict'
import { isDureError } from '../../kernel/error.ts'
import { sliceOf } from '../../kernel/slice.ts'
import type { StreamHistory } from '../../ports/event-store.ts'
import { append, commitTo, meta, noon, order, places, placed, type StorageCase, unit } from './harness.ts'

const toldApart = ({ position, type, schema, data }: StreamHistory['events'][number]): readonly unknown[] => [
  position,
  type,
  schema,
  data,
]

const refused = { ok: false, reason: 'version' } as const

export const appendCases: readonly StorageCase[] = [
  {
    name: 'a stream that never existed has version 0',
    async run({ fresh }) {
      const store = await fresh()
      assert.deepEqual(await store.readStream(order('1')), { version: 0, ended: false, events: [] })
    },
  },
  {
    name: 'what was appended is read back whole',
    async run({ fresh }) {
      const store = await fresh()
      const stream = order('1', 'acme')
      const full = {
        ...meta,
        causation: 'm-1',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      }
      const written = unit([{ stream, expected: 0, events: [placed({ total: 7 })], ends: false }], {
        meta: full,
      })
      const outcome = await store.commit(written)
      assert.ok(outcome.ok)
      const { version, events } = await store.readStream(stream)
      assert.equal(version, 1)
      const [position] = outcome.positions
      const data = { total: 7 }
      const stored = {
        position,
        stream,
        version: 1,
        slice: sliceOf('1'),
        type: 'OrderPlaced',
        schema: 1,
        data,
      }
      assert.deepEqual(events, [{ ...stored, meta: full, at: noon }])
    },
  },
  {
    name: 'optional parts of the meta stay absent',
    async run({ fresh }) {
      const store = await fresh()
      await commitTo(store, order('1'), 0)
      const [event] = (await store.readStream(order('1'))).events
      assert.deepEqual(event?.meta, meta)
      assert.ok(event !== undefined && !('causation' in event.meta) && !('traceparent' in event.meta))
    },
  },
  {
    name: 'an append at the right version is stored, one at another is refused and leaves no trace',
    async run({ fresh }) {
      const store = await fresh()
      const stream = order('1')
      assert.equal((await commitTo(store, stream, 0)).ok, true)
      assert.equal((await commitTo(store, stream, 1)).ok, true)
      for (const wrong of [0, 1, 3, 1000]) {
        assert.deepEqual(await commitTo(store, stream, wrong), { ...refused, stream })
      }
      assert.deepEqual(places((await store.readStream(stream)).events), ['1/1', '1/2'])
    },
  },
  {
    name: 'a stream that does not exist accepts only version 0',
    async run({ fresh }) {
      const store = await fresh()
      for (const wrong of [1, 2, 1000]) {
        assert.deepEqual(await commitTo(store, order('1'), wrong), { ...refused, stream: order('1') })
      }
      assert.equal((await store.readStream(order('1'))).version, 0)
      assert.equal((await commitTo(store, order('1'), 0)).ok, true)
    },
  },
  {
    name: 'an append of several events gets versions without gap and rising positions',
    async run({ fresh }) {
      const store = await fresh()
      await commitTo(store, order('1'), 0, 2)
      const outcome = await commitTo(store, order('1'), 2, 30)
      const { version, events } = await store.readStream(order('1'))
      assert.equal(version, 32)
      assert.deepEqual(
        events.map((it) => it.version),
        Array.from({ length: 32 }, (_, i) => i + 1),
      )
      assert.deepEqual(
        events.map((it) => it.data['n']),
        Array.from({ length: 32 }, (_, i) => i + 1),
      )
      const positions = events.map((it) => it.position)
      assert.deepEqual(
        positions,
        [...new Set(positions)].toSorted((a, b) => a - b),
      )
      assert.ok(outcome.ok)
      assert.equal(outcome.positions[0], positions.at(-1))
    },
  },
  {
    name: 'a stream can be read from a version on',
    async run({ fresh }) {
      const store = await fresh()
      await commitTo(store, order('1'), 0, 5)
      const read = await store.readStream(order('1'), 3)
      assert.equal(read.version, 5)
      assert.deepEqual(places(read.events), ['1/4', '1/5'])
      const beyond = await store.readStream(order('1'), 9)
      assert.deepEqual(beyond, { version: 5, ended: false, events: [] })
    },
  },
  {
    name: 'the history of a stream is its events, with what restoring takes',
    async run({ fresh }) {
      const store = await fresh()
      assert.deepEqual(await store.readHistory(order('1')), { version: 0, ended: false, events: [] })
      await commitTo(store, order('1'), 0, 5)
      for (const after of [0, 3, 9]) {
        const [history, read] = [
          await store.readHistory(order('1'), after),
          await store.readStream(order('1'), after),
        ]
        assert.deepEqual([history.version, history.ended], [read.version, read.ended])
        assert.deepEqual(history.events.map(toldApart), read.events.map(toldApart))
      }
      await store.commit(unit([{ ...append(order('1'), 5), ends: true }]))
      assert.equal((await store.readHistory(order('1'))).ended, true)
    },
  },
  {
    name: 'an ended stream is read as ended, refuses appends, and its id is never used again',
    async run({ fresh }) {
      const store = await fresh()
      const stream = order('1')
      await commitTo(store, stream, 0)
      await store.commit(unit([{ ...append(stream, 1), ends: true }]))
      for (const expected of [0, 1, 2]) {
        assert.deepEqual(await commitTo(store, stream, expected), { ...refused, stream })
      }
      const read = await store.readStream(stream)
      assert.deepEqual({ version: read.version, ended: read.ended }, { version: 2, ended: true })
      assert.deepEqual(places(read.events), ['1/1', '1/2'])
    },
  },
  {
    name: 'a stream can begin and end in one append',
    async run({ fresh }) {
      const store = await fresh()
      const ends = await store.commit(unit([{ ...append(order('1'), 0), ends: true }]))
      assert.equal(ends.ok, true)
      assert.equal((await store.readStream(order('1'))).ended, true)
    },
  },
  {
    name: 'tenants and aggregates are apart, whatever their names hold',
    async run({ fresh }) {
      const store = await fresh()
      const streams = [
        { tenant: '', aggregate: 'Order', id: '1' },
        { tenant: 'a', aggregate: 'Order', id: '1' },
        { tenant: 'A', aggregate: 'Order', id: '1' },
        { tenant: 'a', aggregate: 'Order', id: '1 ' },
        { tenant: 'a', aggregate: 'Order1', id: '' },
        { tenant: 'aOrder', aggregate: '', id: '1' },
        { tenant: '"a', aggregate: "Or'der", id: '1\\,{}' },
      ]
      for (const stream of streams) assert.equal((await commitTo(store, stream, 0)).ok, true)
      for (const stream of streams) {
        const { version, events } = await store.readStream(stream)
        assert.equal(version, 1)
        assert.deepEqual(events[0]?.stream, stream)
      }
    },
  },
  {
    name: 'nothing that crosses is shared with the caller',
    async run({ fresh }) {
      const store = await fresh()
      const data = { lines: [{ quantity: 1 }] }
      await store.commit(unit([{ stream: order('1'), expected: 0, events: [placed(data)], ends: false }]))
      data.lines[0] = { quantity: 99 }
      const read = (await store.readStream(order('1'))).events[0]
      assert.deepEqual(read?.data, { lines: [{ quantity: 1 }] })
      read.at.setTime(0)
      try {
        Object.assign(read.data, { lines: [] })
      } catch {
        // Frozen is as good as copied.
      }
      const again = (await store.readStream(order('1'))).events[0]
      assert.deepEqual({ data: again?.data, at: again?.at }, { data: { lines: [{ quantity: 1 }] }, at: noon })
    },
  },
  {
    name: 'a commit that no store can carry out is refused as misuse',
    async run({ fresh }) {
      const store = await fresh()
      const one = append(order('1'), 0)
      const bad = [
        unit([{ ...one, events: [] }]),
        unit([{ ...one, expected: -1 }]),
        unit([{ ...one, expected: 0.5 }]),
        unit([one, one]),
        unit([one], { at: new Date(Number.NaN) }),
      ]
      for (const it of bad) {
        await assert.rejects(
          () => store.commit(it),
          (error) => isDureError(error, 'DURE_COMMIT_INVALID'),
        )
      }
      assert.equal((await store.readStream(order('1'))).version, 0)
    },
  },
]
