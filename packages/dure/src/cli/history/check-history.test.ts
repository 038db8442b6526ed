import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { aggregate, context, contract, event, system, type AnyEvent } from 'dure'
import { memoryStorage } from 'dure/memory'
import type { Storage } from 'dure/ports'
import type { Surroundings } from '../command.ts'
import { checkHistory, type HistoryCheck } from './check-history.ts'
import { currentLines } from './current-lines.ts'

const Opened = event('Opened', { owner: z.string() })
const Noted = event('Noted', { text: z.string() })

/** Two contexts, each with cases that `Opened` starts and the others change. */
function releaseWith(others: Readonly<Record<string, AnyEvent>>, retired: readonly unknown[] = []) {
  const evolves = Object.fromEntries(Object.keys(others).map((name) => [name, refusing(name)]))
  const shape = { state: {}, events: { Opened, ...others }, retired: retired as never }
  const Case = aggregate('Case', shape)
    .starts({ Opened: () => ({}) })
    .evolves(evolves)
  const parts = ['North', 'South'].map((name) => context(contract(name, {}), [Case as never]).implements({}))
  return system('Courts', { contexts: parts })
}

const refusing = (name: string) => (state: object, data: { readonly text?: string }) => {
  if (data.text === 'bad') throw new TypeError(`${name} is bad`)
  return state
}

type Entry = readonly [id: string, type: string, data?: object, schema?: number]

async function log(storage: Storage, name: string, ...entries: readonly Entry[]): Promise<void> {
  const store = await storage.openContext(name)
  const meta = { command: 'c', actor: 'a', correlation: 'c' }
  for (const [id, type, data = {}, schema = 1] of entries) {
    const stream = { tenant: '', aggregate: 'Case', id }
    const { version: expected } = await store.readStream(stream)
    const events = [{ type, schema, data: data as never }]
    await store.commit({ at: new Date(0), meta, appends: [{ stream, expected, events, ends: false }] })
  }
}

const plain = (_: unknown, text: string): string => text

async function checked(
  it: ReturnType<typeof releaseWith>,
  storage: Storage,
  more: Partial<HistoryCheck> = {},
) {
  let [out, err] = ['', '']
  const around: Surroundings = {
    cwd: '.',
    env: {},
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    paint: plain,
    paintError: plain,
  }
  const check = { context: undefined, fold: false, json: false, ...more }
  return { code: await checkHistory(it, storage, check, around), out, err }
}

const opened = (id: string): Entry => [id, 'Opened', { owner: 'x' }]

describe('a check of all logs', () => {
  it('says how much it has read where all can be read, also where nothing is there', async () => {
    const storage = memoryStorage()
    const none = 'Courts: all can be read; 0 events in 2 contexts\n'
    expect(await checked(releaseWith({}), storage)).toEqual({ code: 0, out: none, err: '' })
    await log(storage, 'North', opened('a'), ['a', 'Noted', { text: 'x' }], opened('b'))
    await log(storage, 'South', opened('a'))
    expect(await checked(releaseWith({ Noted }), storage)).toEqual({
      code: 0,
      out: 'Courts: all can be read; 4 events in 2 contexts\n',
      err: '',
    })
    expect((await checked(releaseWith({ Noted }), storage, { context: 'South' })).out).toBe(
      'Courts: all can be read; 1 event in 1 context\n',
    )
    await expect(checked(releaseWith({}), storage, { context: 'East' })).rejects.toThrow('no context East')
  })

  it('lists what cannot be read by type, version and reason, with its place', async () => {
    const storage = memoryStorage()
    const unreadable = Noted.from(1, { old: z.string() }, ({ old }) => JSON.parse(old) as never)
    await log(storage, 'North', opened('a'), ['a', 'Noted', { old: '{' }], ['a', 'Gone'], ['a', 'Gone'])
    await log(storage, 'South', opened('a'), ['a', 'Noted', {}, 7])
    const { code, out } = await checked(releaseWith({ Noted: unreadable }), storage)
    expect(code).toBe(1)
    expect(out).toContain(
      [
        'DURE_EVENT_UNKNOWN North, Case.Gone v1: 2 events',
        '  Case/a version 3, position 3',
        '    Case a has an event of unknown type Gone at position 3.',
        '  Case/a version 4, position 4',
      ].join('\n'),
    )
    expect(out).toContain('DURE_EVENT_UNREADABLE North, Case.Noted v1: 1 event\n')
    expect(out).toContain('DURE_EVENT_VERSION_UNKNOWN South, Case.Noted v7: 1 event\n')
    expect(out.endsWith('Courts: 4 cannot be read; 6 events in 2 contexts\n')).toBe(true)
  })

  it('counts many of a kind and shows the first, over pages of the log', async () => {
    const storage = memoryStorage()
    const many = Array.from({ length: 1200 }, (_, i): Entry => [`a${i}`, 'Gone'])
    await log(storage, 'North', ...many)
    const { code, out } = await checked(releaseWith({}), storage, { json: true })
    const report = JSON.parse(out) as { groups: { count: number; examples: { position: number }[] }[] }
    expect(code).toBe(1)
    expect(report).toMatchObject({
      system: 'Courts',
      contexts: [
        { context: 'North', events: 1200 },
        { context: 'South', events: 0 },
      ],
      failing: 1200,
      groups: [{ context: 'North', aggregate: 'Case', type: 'Gone', schema: 1, code: 'DURE_EVENT_UNKNOWN' }],
    })
    expect(report.groups.map((it) => [it.count, it.examples.map(({ position }) => position)])).toEqual([
      [1200, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ])
    expect((await checked(releaseWith({}), storage)).out).toContain('  and 1190 more\n')
  })

  it('folds where it is asked to, and tells no event twice', async () => {
    const storage = memoryStorage()
    await log(storage, 'North', opened('a'), ['a', 'Noted', { text: 'x' }])
    await log(storage, 'North', opened('b'), ['b', 'Noted', { text: 'bad' }], ['b', 'Gone'])
    await log(storage, 'North', opened('c'), ['c', 'Gone'])
    const it = releaseWith({ Noted })
    expect(await checked(it, storage)).toMatchObject({
      code: 1,
      out: expect.stringContaining('2 cannot be read') as string,
    })
    const { out } = await checked(it, storage, { fold: true, json: true })
    expect(JSON.parse(out)).toMatchObject({
      contexts: [{ events: 7, aggregates: 3 }, { aggregates: 0 }],
      failing: 3,
      groups: [
        { type: 'Gone', count: 2 },
        {
          type: 'Noted',
          code: 'DURE_EVENT_UNREADABLE',
          count: 1,
          examples: [
            { stream: { id: 'b' }, version: 2, reason: expect.stringContaining('Noted is bad') as string },
          ],
        },
      ],
    })
  })
})

it('a stored event is told as the events of today, with what it is stored as', async () => {
  const storage = memoryStorage()
  const Edited = event('Edited', { owner: z.string(), text: z.string() })
    .formerly('Revised')
    .becomes([Noted], ({ text }, emit) => (text === '' ? [] : [emit.Noted({ text })]))
  const it = releaseWith({ Noted }, [Edited])
  await log(storage, 'North', opened('a'), ['a', 'Revised', { text: 'x' }], ['a', 'Edited', { text: '' }])
  await log(storage, 'North', ['a', 'Gone'])
  const definition = it.contexts[0]?.aggregates[0]?.definition as Parameters<typeof currentLines>[0]
  const { events } = await (
    await storage.openContext('North')
  ).readStream({ tenant: '', aggregate: 'Case', id: 'a' })
  const told = events.map((event) => currentLines(definition, event))
  expect(told).toMatchObject([
    [{ type: 'Opened', version: 1, data: { owner: 'x' } }],
    [{ type: 'Noted', schema: 1, version: 2, data: { text: 'x' }, stored: { type: 'Revised', schema: 1 } }],
    [],
    { code: 'DURE_EVENT_UNKNOWN' },
  ])
  expect(told[0]).not.toHaveProperty('0.stored')
})
