import assert from 'node:assert/strict'
import { isDureError } from '../../kernel/error.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { ContextStore } from '../../ports/store.ts'
import { meta, order, placed, readUntil, type StorageCase, unit } from './harness.ts'

async function roundTrip(store: ContextStore, data: JsonObject): Promise<JsonObject | undefined> {
  const reply = { tenant: '', key: 'k', request: 'h', reply: data }
  const rows = [{ view: 'V', key: 'k', row: data }]
  const append = { stream: order('1'), expected: 0, events: [placed(data)], ends: false }
  const many = { stream: order('2'), expected: 0, events: [placed(data), placed(data)], ends: false }
  assert.equal((await store.commit(unit([append], { reply }))).ok, true)
  assert.equal((await store.commit(unit([many], { rows }))).ok, true)
  const [single] = (await store.readStream(order('1'))).events
  const [, second] = (await store.readStream(order('2'))).events
  const log = await readUntil(store.openLog(0), (events) => events.length >= 3)
  assert.deepEqual((await store.findReply('', 'k'))?.reply, data)
  assert.deepEqual((await store.readRows('V', ['k'])).get('k'), data)
  assert.deepEqual(second?.data, data)
  assert.deepEqual(log[2]?.data, data)
  return single?.data
}

/** Nothing below may leave a trace in the context. */
async function refuses(store: ContextStore, commit: Parameters<ContextStore['commit']>[0]): Promise<void> {
  await assert.rejects(
    () => store.commit(commit),
    (error) => isDureError(error, 'DURE_STORE_TEXT_INVALID') && error.kind === 'invalid',
  )
}

const bad = ['\0', 'a\0b', '\ud83d', 'a\udc00b', '\ud83d\ud83d']

export const payloadCases: readonly StorageCase[] = [
  {
    name: 'payloads of 5 MB',
    async run({ fresh }) {
      const store = await fresh()
      const data = {
        text: 'Dure 두레 "\\'.repeat(350_000),
        list: Array.from({ length: 10_000 }, (_, i) => ({ i })),
      }
      assert.deepEqual(await roundTrip(store, data), data)
    },
  },
  {
    name: 'texts of any script, emoji, control characters, escapes and backslashes',
    async run({ fresh }) {
      const data = {
        korean: '두레, 마을의 일',
        astral: '🙂👩‍👩‍👧‍👦𝒳',
        controls: '\u0001\u001f\u007f\n\t\r\u2028\u2029\ufeff\uffff',
        escapes: '\\u0000 \\ud83d \\\\u0000 " \\" { } , NULL $1 \'; --',
        'a key "with" \\ everything, 🙂': '',
        '': 'empty key',
      }
      assert.deepEqual(await roundTrip(await fresh(), data), data)
    },
  },
  {
    name: 'keys that objects of JavaScript have by themselves',
    async run({ fresh }) {
      const data = JSON.parse(
        '{"__proto__":{"x":1},"constructor":2,"toString":null,"hasOwnProperty":[]}',
      ) as JsonObject
      const read = await roundTrip(await fresh(), data)
      assert.deepEqual(Object.keys(read ?? {}).toSorted(), Object.keys(data).toSorted())
      assert.deepEqual(Object.getOwnPropertyDescriptor(read, '__proto__')?.value, { x: 1 })
    },
  },
  {
    name: 'numbers at the limits of a double, nothing and nesting',
    async run({ fresh }) {
      let deep: JsonObject = {}
      for (let i = 0; i < 200; i++) deep = { deep }
      const data = {
        numbers: [0, 1, -1, 0.1, 1 / 3, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER],
        nothing: null,
        lists: [[], [[]], {}],
        deep,
      }
      assert.deepEqual(await roundTrip(await fresh(), data), data)
    },
  },
  {
    name: 'times to the millisecond, far back and far ahead',
    async run({ fresh }) {
      const store = await fresh()
      const times = [
        '1970-01-01T00:00:00.000Z',
        '1969-12-31T23:59:59.999Z',
        '2026-03-29T01:59:59.001Z',
        '1600-02-29T12:00:00.500Z',
        '9999-12-31T23:59:59.999Z',
      ]
      for (const [i, at] of times.entries()) {
        const append = { stream: order('1'), expected: i, events: [placed()], ends: false }
        await store.commit(unit([append], { at: new Date(at) }))
      }
      const { events } = await store.readStream(order('1'))
      assert.deepEqual(
        events.map((it) => it.at.toISOString()),
        times,
      )
    },
  },
  {
    name: 'names of 512 bytes are stored, longer ones are refused',
    async run({ fresh }) {
      const store = await fresh()
      // Digits of an irrational: a repeated character would be compressed and prove nothing.
      const long = Array.from({ length: 512 }, (_, i) =>
        (Math.floor(Math.SQRT2 * 36 ** 3 * (i + 1)) % 36).toString(36),
      ).join('')
      const stream = { tenant: long, aggregate: long, id: long }
      const write = { stream, expected: 0, events: [placed()], ends: false }
      const rows = [{ view: long, key: long, row: {} }]
      const parks = [{ consumer: long, source: long, stream, position: 1, code: 'X', reason: long, tries: 1 }]
      const inbox = {
        consumer: long,
        source: long,
        epoch: 'e',
        slices: [{ slice: 1, from: 0, to: 5 }],
        through: 5,
      }
      const reply = { tenant: long, key: long, request: long, reply: {} }
      assert.equal((await store.commit(unit([write], { rows, parks, inbox, reply }))).ok, true)
      assert.equal((await store.readStream(stream)).version, 1)
      for (const id of [`${long}x`, '두'.repeat(171)]) {
        await refuses(store, unit([{ ...write, stream: order(id) }]))
        await refuses(store, unit([], { rows: [{ view: 'V', key: id, row: {} }] }))
        await refuses(store, unit([], { reply: { ...reply, key: id } }))
      }
      assert.equal((await store.commit(unit([{ ...write, stream: order('두'.repeat(170)) }]))).ok, true)
    },
  },
  {
    name: 'U+0000 and half a surrogate pair are refused wherever they are, before anything is written',
    async run({ fresh }) {
      const store = await fresh()
      const rows = [{ view: 'V', key: 'k', row: { x: 1 } }]
      const ok = { stream: order('1'), expected: 0, events: [placed()], ends: false }
      for (const text of bad) {
        await refuses(store, unit([{ ...ok, events: [placed(), placed({ deep: [{ text }] })] }], { rows }))
        await refuses(store, unit([{ ...ok, events: [placed({ [text]: 1 })] }], { rows }))
        await refuses(store, unit([{ ...ok, stream: order(text) }], { rows }))
        await refuses(store, unit([{ ...ok, stream: order('1', text) }], { rows }))
        await refuses(store, unit([ok], { rows, meta: { ...meta, actor: text } }))
        await refuses(store, unit([ok], { rows: [...rows, { view: 'V', key: 'l', row: { text } }] }))
        await refuses(store, unit([ok], { rows, reply: { tenant: '', key: text, request: '', reply: {} } }))
        await refuses(
          store,
          unit([ok], { rows, reply: { tenant: '', key: 'k', request: '', reply: { text } } }),
        )
      }
      assert.equal((await store.readStream(order('1'))).version, 0)
      assert.equal((await store.readRows('V', ['k'])).size, 0)
      assert.deepEqual(await store.openLog(0).next(10), [])
    },
  },
  {
    name: 'a read with a name that nothing can have is refused alike',
    async run({ fresh }) {
      const store = await fresh()
      const reads = [
        () => store.readStream(order('\0')),
        () => store.findReply('', '\ud83d'),
        () => store.readInbox('\0', 'S'),
        () => store.readRows('V', ['ok', '\0']),
        () => store.queryRows('V', { where: { x: '\0' }, limit: 1 }),
        () => store.queryRows('V', { orderBy: '\ud83d', limit: 1 }),
      ]
      for (const read of reads) {
        await assert.rejects(read, (error) => isDureError(error, 'DURE_STORE_TEXT_INVALID'))
      }
    },
  },
]
