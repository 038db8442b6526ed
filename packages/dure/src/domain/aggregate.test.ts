import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import { aggregate, event, instant, list, object, oneOf, optional } from 'dure'
import { Money, Order } from '../../test/fixtures/ordering.ts'
import { create, handleOf, insideOf } from './handle.ts'
import { restore, type RecordedEvent } from './restore.ts'

const code = (it: string) => expect.objectContaining({ code: it }) as Error

class World {
  #count = 0
  now(): Date {
    return new Date(0)
  }
  // Uses `this`, as a world may.
  newId(): string {
    this.#count += 1
    return `id-${this.#count}`
  }
}

const Opened = event('Opened', { owner: z.string() })
const Noted = event('Noted', { text: z.string() })
const Tagged = event('Tagged', { tags: z.array(z.string()) })
const Closed = event('Closed', {})
const Other = event('Other', {})

const shape = {
  state: {
    owner: z.string(),
    status: oneOf('open', 'full'),
    notes: list(object({ text: z.string() })),
    tags: z.array(z.string()),
    at: optional(instant()),
  },
  events: { Opened, Noted, Tagged, Closed },
  rejections: { Full: { most: z.int() }, Empty: {}, Costly: { total: Money } },
}
const seen: unknown[] = []
const Case = aggregate('Case', shape)
  .starts({ Opened: (e) => ({ ...e, status: 'open', notes: [], tags: [] }) })
  .ends('Closed')
  .evolves({
    Noted: (s, e) => ({ ...s, notes: [...s.notes, e] }),
    Tagged: (s, e) => ({ ...s, tags: e.tags }),
  })
  .invariant(
    'Full',
    (s) => s.notes.length <= 2,
    () => ({ most: 2 }),
  )
  .factory('open', { owner: z.string() }, ({ owner }, { emit }) => emit.Opened({ owner }))
  .factory('openAs', { id: z.string() }, (_, { emit, id }) => emit.Opened({ owner: id }), {
    id: (it) => it.id,
  })
  .factory('openWith', {}, (_, { emit, newId }) => [
    emit.Opened({ owner: newId() }),
    emit.Noted({ text: newId() }),
  ])
  .factory('openFull', {}, (_, { emit }) => [
    emit.Opened({ owner: 'x' }),
    ...['a', 'b', 'c'].map((text) => emit.Noted({ text })),
  ])
  .factory('openNot', {}, (_, { reject }) => reject('Empty'))
  .command('note', { text: z.string() }, (_, { text }, { emit }) => emit.Noted({ text }))
  .command('tag', { tags: z.array(z.string()) }, (_, input, { emit }) => emit.Tagged(input))
  .command('keep', {}, () => [])
  .command('close', {}, (_, __, { emit }) => emit.Closed({}))
  .command('closeTwice', {}, (_, __, { emit }) => [emit.Closed({}), emit.Noted({ text: 'x' })])
  .command('spoil', { tags: z.array(z.string()) }, (s, input, { emit }) => {
    Object.assign(s, { owner: 'thief' })
    return emit.Tagged(input)
  })
  .command('spoilInput', { tags: z.array(z.string()) }, (_, input, { emit }) => {
    Object.assign(input, { tags: [] })
    return emit.Tagged(input)
  })
  .command('circumstances', {}, (_, __, { id, now, newId }) => {
    seen.push(id, now, newId(), newId())
    return []
  })

const wrong = Case.command('nothing', {}, (() => undefined) as never)
  .command('promise', {}, (async () => Promise.resolve([])) as never)
  .command('forged', {}, (() => ({ type: 'Noted', data: {} })) as never)
  .command('mixed', {}, ((_: unknown, __: unknown, { emit }: { emit: { Noted(it: object): object } }) => [
    emit.Noted({ text: 'x' }),
    1,
  ]) as never)
  .command('restart', {}, ((_: unknown, __: unknown, { emit }: { emit: { Opened(it: object): object } }) =>
    emit.Opened({ owner: 'x' })) as never)
  .command('badData', {}, ((_: unknown, __: unknown, { emit }: { emit: { Noted(it: object): object } }) =>
    emit.Noted({ text: 1 })) as never)
  .command('unknownNo', {}, ((_: unknown, __: unknown, { reject }: { reject: (it: string) => object }) =>
    reject('Nope')) as never)
  .command('badNo', {}, ((
    _: unknown,
    __: unknown,
    { reject }: { reject: (it: string, d: object) => object },
  ) => reject('Full', { most: 'x' })) as never)
  .factory('silent', {}, () => [])
  .factory('closed', {}, ((_: unknown, { emit }: { emit: { Closed(it: object): object } }) =>
    emit.Closed({})) as never)
  .factory('unstarted', {}, ((_: unknown, { emit }: { emit: { Noted(it: object): object } }) =>
    emit.Noted({ text: 'x' })) as never)

interface Answer {
  readonly ok: boolean
  readonly events: readonly object[]
  readonly next: Handle
  readonly rejected: string
  readonly data: object
}
interface Handle {
  readonly id: string
  readonly version: number
  readonly state: Record<string, unknown[]>
}

type Any = { readonly definition: (typeof Case)['definition'] }
function make(name: string, input: unknown = {}, of: Any = Case): Answer {
  const command = of.definition.commands.get(name)
  if (command === undefined) throw new TypeError(`no ${name}`)
  return create(of.definition, command, input, new World()) as Answer
}
function tell(handle: Handle, command: string, input?: unknown): Answer {
  const method = (handle as unknown as Record<string, (input?: unknown) => Answer>)[command]
  if (method === undefined) throw new TypeError(`no ${command}`)
  return method.call(handle, input)
}
const recorded = (type: string, data: object, position = 1, schema = 1): RecordedEvent =>
  ({ type, data, position, schema }) as RecordedEvent
const opened = (of: Any = Case): Handle => make('open', { owner: 'me' }, of).next

describe('a factory', () => {
  test('makes a handle of version 1 and its state', () => {
    const made = make('open', { owner: 'me' })
    expect(made.ok).toBe(true)
    expect(made.events).toEqual([{ type: 'Opened', data: { owner: 'me' } }])
    expect(made.next).toMatchObject({
      id: 'id-1',
      version: 1,
      state: { owner: 'me', status: 'open', notes: [], tags: [] },
    })
  })

  test('gives the id, its own or a fresh one, to the decision', () => {
    expect(make('openAs', { id: 'case-7' }).next).toMatchObject({ id: 'case-7', state: { owner: 'case-7' } })
    expect(make('openWith').next).toMatchObject({
      id: 'id-1',
      version: 2,
      state: { owner: 'id-2', notes: [{ text: 'id-3' }] },
    })
  })

  test.each(['', 'a\nb', 'x'.repeat(201), '\ud800'])('refuses to create under the id %j', (id) => {
    expect(() => make('openAs', { id })).toThrow(code('DURE_ID_INVALID'))
  })

  test('may say no, and meets the invariants', () => {
    expect(make('openNot')).toEqual({ ok: false, rejected: 'Empty', data: {} })
    expect(make('openFull')).toEqual({ ok: false, rejected: 'Full', data: { most: 2 } })
  })

  test.each([
    ['silent', 'no event, but a factory must start'],
    ['closed', 'Closed before any event that starts'],
    ['unstarted', 'Noted, which does not start'],
  ])('%s is misuse', (name, sentence) => {
    expect(() => make(name, {}, wrong)).toThrow(sentence)
    expect(() => make(name, {}, wrong)).toThrow(code('DURE_DECISION_INVALID'))
  })
})

describe('a command', () => {
  test('answers with events and the next handle, and leaves the old one', () => {
    const before = opened()
    const { next } = tell(before, 'note', { text: 'a' })
    expect(before).toMatchObject({ version: 1, state: { notes: [] } })
    expect(next).toMatchObject({ id: before.id, version: 2, state: { notes: [{ text: 'a' }] } })
    expect(insideOf(next).pending.map((it) => it.type)).toEqual(['Opened', 'Noted'])
    expect(insideOf(before).pending.map((it) => it.type)).toEqual(['Opened'])
  })

  test('may be given to the same handle twice: two futures of one past', () => {
    const before = opened()
    const left = tell(before, 'note', { text: 'l' }).next
    const right = tell(before, 'note', { text: 'r' }).next
    expect([left.state['notes'], right.state['notes']]).toEqual([[{ text: 'l' }], [{ text: 'r' }]])
  })

  test('nothing happened is an answer', () => {
    expect(tell(opened(), 'keep')).toMatchObject({ ok: true, events: [], next: { version: 1 } })
  })

  test('the invariant rejects what would break it, and names the data', () => {
    let handle = opened()
    for (const text of ['a', 'b']) handle = tell(handle, 'note', { text }).next
    expect(tell(handle, 'note', { text: 'c' })).toEqual({ ok: false, rejected: 'Full', data: { most: 2 } })
  })

  test('the invariant is not asked when nothing happened, nor when it ended, nor on replay', () => {
    const past = [
      recorded('Opened', { owner: 'me' }),
      ...['a', 'b', 'c', 'd'].map((text) => recorded('Noted', { text })),
    ]
    const state = restore(Case.definition, 'c', past)
    expect(state?.['notes']).toHaveLength(4)
    const handle = handleOf('c', 5, state, {
      aggregate: Case.definition,
      world: new World(),
      pending: [],
      ended: false,
    }) as Handle
    expect(tell(handle, 'keep').ok).toBe(true)
    expect(tell(handle, 'close').ok).toBe(true)
    expect(tell(handle, 'tag', { tags: [] })).toMatchObject({ ok: false, rejected: 'Full' })
  })

  test('ending ends: no state, no further command', () => {
    const { next, events } = tell(opened(), 'close')
    expect(events).toEqual([{ type: 'Closed', data: {} }])
    expect(next.state).toBeUndefined()
    expect(insideOf(next).ended).toBe(true)
    expect(() => tell(next, 'note', { text: 'x' })).toThrow(code('DURE_AGGREGATE_ENDED'))
    expect(() => tell(opened(), 'closeTwice')).toThrow('Noted after the event that ended the aggregate')
  })

  test('input is checked by its shape, unknown fields included', () => {
    expect(() => tell(opened(), 'note', { text: 1 })).toThrow(code('DURE_COMMAND_INVALID'))
    expect(() => tell(opened(), 'note', { text: 'x', more: 1 })).toThrow('/more: unknown field')
    expect(() => tell(opened(), 'note')).toThrow('/text: is required')
    expect(() => tell(opened(), 'keep', { x: 1 })).toThrow('none is allowed here')
  })

  test('cannot change its state or its input', () => {
    expect(() => tell(opened(), 'spoil', { tags: [] })).toThrow(TypeError)
    expect(() => tell(opened(), 'spoilInput', { tags: [] })).toThrow(TypeError)
  })

  test('state does not follow what its caller changes later', () => {
    const tags = ['a']
    const { next } = tell(opened(), 'tag', { tags })
    tags.push('b')
    expect(next.state['tags']).toEqual(['a'])
    expect(() => next.state['tags']?.push('c')).toThrow(TypeError)
    expect(() => Object.assign(next.state, { owner: 'x' })).toThrow(TypeError)
    const { next: noted } = tell(next, 'note', { text: 'x' })
    expect(() => noted.state['notes']?.push('c')).toThrow(TypeError)
  })

  test('gets the id, the time and fresh ids from the world', () => {
    tell(opened(), 'circumstances')
    expect(seen).toEqual(['id-1', new Date(0), 'id-2', 'id-3'])
  })

  test.each([
    ['nothing', 'nothing that neither emit nor reject made'],
    ['promise', 'an object that neither emit nor reject made'],
    ['forged', 'an object that neither emit nor reject made'],
    ['mixed', 'a list with something that emit did not make'],
    ['restart', 'Opened, which starts an aggregate that is there already'],
    ['unknownNo', 'the undeclared rejection Nope'],
  ])('%s is misuse', (name, sentence) => {
    expect(() => tell(opened(wrong), name)).toThrow(sentence)
    expect(() => tell(opened(wrong), name)).toThrow(code('DURE_DECISION_INVALID'))
  })

  test('event and rejection data are checked when made', () => {
    expect(() => tell(opened(wrong), 'badData')).toThrow(code('DURE_EVENT_INVALID'))
    expect(() => tell(opened(wrong), 'badNo')).toThrow(code('DURE_DECISION_INVALID'))
  })
})

describe('a handle', () => {
  test('is frozen, and shows id, version and state alone', () => {
    const handle = opened()
    expect(Object.isFrozen(handle)).toBe(true)
    expect(Object.keys(handle)).toEqual(['id', 'version', 'state'])
    expect(JSON.parse(JSON.stringify(handle))).toMatchObject({ id: 'id-1', version: 1 })
  })

  test('is no promise, so that awaiting it gives it back', async () => {
    const handle = opened()
    expect(await (handle as unknown as Promise<unknown>)).toBe(handle)
  })

  test('what no repository made is misuse', () => {
    for (const it of [undefined, null, {}, { id: 'x', version: 1, state: {} }, 'x']) {
      expect(() => insideOf(it)).toThrow(code('DURE_MODEL_INVALID'))
    }
  })
})

describe('declaring an aggregate', () => {
  const begun = aggregate('X', { state: {}, events: { Opened, Noted } })
  const ready = begun.starts({ Opened: () => ({}) }).evolves({ Noted: (s) => s })

  test('every step makes a new one', () => {
    const a = ready.command('a', {}, () => [])
    const b = ready.command('b', {}, () => [])
    expect(Object.keys(ready.commands)).toEqual([])
    expect([Object.keys(a.commands), Object.keys(b.commands)]).toEqual([['a'], ['b']])
  })

  test.each(['id', 'version', 'state', 'then', 'constructor', '__proto__', 'a b', ''])(
    'no command named %j',
    (name) => {
      expect(() => ready.command(name as never, {}, () => [])).toThrow(code('DURE_MODEL_NAME'))
      expect(() => ready.factory(name as never, {}, (_, { emit }) => emit.Opened({ owner: 'x' }))).toThrow(
        code('DURE_MODEL_NAME'),
      )
    },
  )

  test.each([
    [
      'a command twice',
      () => ready.command('a', {}, () => []).command('a' as never, {}, () => []),
      'DURE_MODEL_DUPLICATE',
    ],
    [
      'an event under another name',
      () => aggregate('X', { state: {}, events: { Opend: Opened } }),
      'DURE_MODEL_INVALID',
    ],
    [
      'an event nobody handles',
      () => begun.starts({ Opened: () => ({}) }).evolves({} as never),
      'DURE_MODEL_INVALID',
    ],
    [
      'starting with what is not declared',
      () => begun.starts({ Nope: () => ({}) } as never),
      'DURE_MODEL_INVALID',
    ],
    [
      'evolving with what is not declared',
      () =>
        begun
          .starts({ Opened: () => ({}) })
          .evolves({ Noted: (s: object) => s, Nope: (s: object) => s } as never),
      'DURE_MODEL_INVALID',
    ],
    [
      'ending with what is not declared',
      () => begun.starts({ Opened: () => ({}) }).ends(Other.name as never),
      'DURE_MODEL_INVALID',
    ],
    [
      'an invariant under an undeclared rejection',
      () =>
        ready.invariant(
          'Nope' as never,
          () => true,
          () => ({}) as never,
        ),
      'DURE_MODEL_INVALID',
    ],
    [
      'a unique value under an undeclared rejection',
      () =>
        ready.unique(
          'Nope' as never,
          () => 'x',
          () => ({}) as never,
        ),
      'DURE_MODEL_INVALID',
    ],
    [
      'two unique values under one rejection',
      () =>
        aggregate('X', { state: {}, events: { Opened }, rejections: { Taken: {} } })
          .starts({ Opened: () => ({}) })
          .unique('Taken', () => 'x')
          .unique('Taken', () => 'y'),
      'DURE_MODEL_DUPLICATE',
    ],
    ['a name with a dash', () => aggregate('X-Y', { state: {}, events: {} }), 'DURE_MODEL_NAME'],
    [
      'a field that is none',
      () => aggregate('X', { state: { a: 'string' as never }, events: {} }),
      'DURE_MODEL_INVALID',
    ],
    [
      'a rejection named like a method',
      () => aggregate('X', { state: {}, events: {}, rejections: { toString: {} } as never }),
      'DURE_MODEL_NAME',
    ],
  ])('%s', (_, declare, expected) => {
    expect(declare).toThrow(code(expected))
  })

  test('the real Order says what it is made of', () => {
    expect(Object.keys(Order.commands)).toEqual(['place', 'approve', 'reject', 'erase'])
    expect(Order.commands.place).toMatchObject({
      kind: 'command',
      aggregate: 'Order',
      name: 'place',
      mode: 'creates',
    })
    expect(Object.keys(Order.events)).toEqual([
      'OrderPlaced',
      'OrderApproved',
      'OrderRejected',
      'OrderErased',
    ])
    expect(Order.definition.state.codecs.get('lines')?.describe()).toEqual({
      kind: 'list',
      of: { kind: 'entity', name: 'OrderLine' },
    })
  })
})
