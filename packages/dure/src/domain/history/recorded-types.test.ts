import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import { aggregate, event, optional } from 'dure'
import { readRecorded, restore, type RecordedEvent } from '../restore.ts'

const code = (it: string) => expect.objectContaining({ code: it }) as Error
const recorded = (type: string, data: object, position = 1, schema = 1): RecordedEvent =>
  ({ type, data, position, schema }) as RecordedEvent

const Registered = event('Registered', { name: z.string(), email: optional(z.string()) }).formerly('SignedUp')
const Renamed = event('Renamed', { name: z.string() })
const EmailChanged = event('EmailChanged', { email: z.string() })
const Left = event('Left', {})
const Changed = event('Changed', { name: optional(z.string()), email: optional(z.string()) })
  .from(1, { name: z.string() }, (old) => old)
  .formerly('Edited')
  .becomes([Renamed, EmailChanged], ({ name, email }, emit) => [
    ...(name === undefined ? [] : [emit.Renamed({ name })]),
    ...(email === undefined ? [] : [emit.EmailChanged({ email })]),
  ])
const Imported = event('Imported', { name: z.string(), email: z.string() }).becomes(
  [Registered, EmailChanged],
  ({ name, email }, emit) => [emit.Registered({ name }), emit.EmailChanged({ email })],
)
const Touched = event('Touched', {}).becomes([], () => [])
const shape = { state: { name: z.string(), email: optional(z.string()) } }
const events = { Registered, Renamed, EmailChanged, Left }
const Customer = aggregate('Customer', { ...shape, events, retired: [Changed, Imported, Touched] })
  .starts({ Registered: (e) => e })
  .ends('Left')
  .evolves({ Renamed: (s, { name }) => ({ ...s, name }), EmailChanged: (s, { email }) => ({ ...s, email }) })
const it = Customer.definition
const read = (stored: RecordedEvent) =>
  readRecorded(it, 'c', stored).map(({ definition, data }) => [definition.name, data])

const up = (old: { total: number }) => ({ won: old.total })
const broken = (split: (old: object, emit: object) => unknown) =>
  aggregate('Customer', {
    ...shape,
    events,
    retired: [event('Odd', {}).becomes([Renamed], split as never)],
  })
    .starts({ Registered: (e) => e })
    .ends('Left')
    .evolves({ Renamed: (s) => s, EmailChanged: (s) => s }).definition
const retiring =
  (...retired: readonly unknown[]) =>
  () =>
    aggregate('Customer', { ...shape, events, retired: retired as never })

describe('a former name', () => {
  test('is read as the event of today', () => {
    expect(read(recorded('SignedUp', { name: 'Ada' }))).toEqual([['Registered', { name: 'Ada' }]])
    expect(restore(it, 'c', [recorded('SignedUp', { name: 'Ada' })])).toEqual({ name: 'Ada' })
  })

  test('is read at the version it was stored with, in either order of calls', () => {
    const older = { total: z.int() }
    for (const Placed of [
      event('Placed', { won: z.int() }).formerly('Created').from(1, older, up),
      event('Placed', { won: z.int() }).from(1, older, up).formerly('Made').formerly('Created'),
    ]) {
      const { definition } = aggregate('Order', { state: { won: z.int() }, events: { Placed } }).starts({
        Placed: (e) => e,
      })
      expect(restore(definition, 'o', [recorded('Created', { total: 3 })])).toEqual({ won: 3 })
      expect(restore(definition, 'o', [recorded('Created', { won: 3 }, 1, 2)])).toEqual({ won: 3 })
      expect(() => restore(definition, 'o', [recorded('Created', { won: 3 }, 1, 3)])).toThrow(
        'o has Created in version 3 at position 1; the model knows up to 2',
      )
    }
  })

  test('is no name of the model: nothing can be emitted or handled under it', () => {
    expect([...it.events.keys()]).toEqual(['Registered', 'Renamed', 'EmailChanged', 'Left'])
    expect(Object.keys(it.voice.emit)).toEqual(['Registered', 'Renamed', 'EmailChanged', 'Left'])
  })

  test.each([
    ['a name that another event has', { Registered, SignedUp: event('SignedUp', {}) }, 'DURE_MODEL_INVALID'],
    ['its own name', { A: event('A', {}).formerly('A') }, 'DURE_MODEL_INVALID'],
    [
      'a former name of another',
      { Registered, B: event('B', {}).formerly('SignedUp') },
      'DURE_MODEL_DUPLICATE',
    ],
    ['the same twice', { B: event('B', {}).formerly('C', 'C') }, 'DURE_MODEL_DUPLICATE'],
  ])('is refused where it is %s', (_, clashing, expected) => {
    expect(() => aggregate('Customer', { ...shape, events: clashing })).toThrow(code(expected))
  })

  test('is a name', () => {
    expect(() => event('A', {}).formerly('not a name')).toThrow(code('DURE_MODEL_NAME'))
  })
})

describe('a retired event', () => {
  const first = recorded('Registered', { name: 'Ada' })

  test('is read as several of today, as one, or as none, from any version and former name', () => {
    const both = recorded('Changed', { name: 'Bob', email: 'b@x' }, 2, 2)
    expect(read(both)).toEqual([
      ['Renamed', { name: 'Bob' }],
      ['EmailChanged', { email: 'b@x' }],
    ])
    expect(read(recorded('Changed', {}, 2, 2))).toEqual([])
    expect(read(recorded('Edited', { name: 'Bob' }))).toEqual([['Renamed', { name: 'Bob' }]])
    expect(read(recorded('Touched', {}))).toEqual([])
    const all = [first, both, recorded('Touched', {}, 3), recorded('Edited', { name: 'Cid' }, 4)]
    expect(restore(it, 'c', all)).toEqual({ name: 'Cid', email: 'b@x' })
  })

  test('may start an aggregate, and end one, where its parts stand in order', () => {
    const started = [recorded('Imported', { name: 'Ada', email: 'a@x' })]
    expect(restore(it, 'c', started)).toEqual({ name: 'Ada', email: 'a@x' })
    expect(() => restore(it, 'c', [first, recorded('Imported', { name: 'A', email: 'a' }, 2)])).toThrow(
      'Registered, as which it is read, cannot stand here',
    )
    const Gone = event('Gone', {})
    const ending = (becomes: 'Renamed' | 'Left') =>
      aggregate('Customer', {
        ...shape,
        events,
        retired: [
          Gone.becomes([Renamed, Left], (_, emit) =>
            becomes === 'Left'
              ? [emit.Renamed({ name: 'x' }), emit.Left({})]
              : [emit.Left({}), emit.Renamed({ name: 'x' })],
          ),
        ],
      })
        .starts({ Registered: (e) => e })
        .ends('Left')
        .evolves({ Renamed: (s) => s, EmailChanged: (s) => s }).definition
    const past = [first, recorded('Gone', {}, 2)]
    expect(restore(ending('Left'), 'c', past)).toBeUndefined()
    expect(() => restore(ending('Renamed'), 'c', past)).toThrow('which ends the aggregate, and more after it')
  })

  test('that leaves nothing of the beginning is named, not taken for an aggregate that never was', () => {
    expect(() => restore(it, 'c', [recorded('Touched', {}, 7)])).toThrow(
      expect.objectContaining({
        code: 'DURE_EVENT_UNREADABLE',
        details: expect.objectContaining({ position: 7, type: 'Touched' }) as object,
      }),
    )
    expect(restore(it, 'c', [recorded('Touched', {}), recorded('Registered', { name: 'A' }, 2)])).toEqual({
      name: 'A',
    })
  })

  type Emit = { Renamed(data: object): object }
  test.each([
    ['throws', () => JSON.parse('{') as unknown, 'JSON'],
    ['makes data that does not fit', (_: object, emit: object) => [(emit as Emit).Renamed({})], 'Renamed'],
    ['makes no list', (_: object, emit: object) => (emit as Emit).Renamed({ name: 'x' }), 'something else'],
    ['makes what emit did not', () => [{ type: 'Renamed', data: { name: 'x' } }], 'something else'],
    ['hands out an event it does not name', () => [it.voice.emit['Left']?.({})], 'something else'],
  ])('whose split %s is named by stream, position and type', (_, split, reason) => {
    const stored = recorded('Odd', {}, 7)
    for (const reading of [
      () => readRecorded(broken(split), 'c', stored),
      () => restore(broken(split), 'c', [first, stored]),
    ]) {
      expect(reading).toThrow(
        expect.objectContaining({
          code: 'DURE_EVENT_UNREADABLE',
          details: expect.objectContaining({ id: 'c', position: 7, type: 'Odd' }) as object,
          message: expect.stringContaining(reason) as string,
        }),
      )
    }
  })

  test('is refused where it is emitted as well, listed twice, or becomes an event of another aggregate', () => {
    expect(retiring(event('Renamed', {}).becomes([], () => []))).toThrow(code('DURE_MODEL_DUPLICATE'))
    expect(retiring(Touched, Touched)).toThrow(code('DURE_MODEL_DUPLICATE'))
    const Other = event('Renamed', { name: z.string() })
    expect(retiring(event('Odd', {}).becomes([Other], () => []))).toThrow(code('DURE_MODEL_INVALID'))
    expect(retiring(event('Odd', {}))).toThrow(code('DURE_MODEL_INVALID'))
    expect(
      retiring(
        event('Odd', {})
          .formerly('Left')
          .becomes([], () => []),
      ),
    ).toThrow('Odd was formerly Left, and Left is the name of an event that it has now')
  })
})
