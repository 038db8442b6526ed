import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import { aggregate, event, list, object } from 'dure'
import { restore, type RecordedEvent } from './restore.ts'

const code = (it: string) => expect.objectContaining({ code: it }) as Error

const Opened = event('Opened', { owner: z.string() })
const Noted = event('Noted', { text: z.string() })
const Closed = event('Closed', {})
const Case = aggregate('Case', {
  state: { owner: z.string(), notes: list(object({ text: z.string() })) },
  events: { Opened, Noted, Closed },
})
  .starts({ Opened: (e) => ({ ...e, notes: [] }) })
  .ends('Closed')
  .evolves({ Noted: (s, e) => ({ ...s, notes: [...s.notes, e] }) })

const recorded = (type: string, data: object, position = 1, schema = 1): RecordedEvent =>
  ({ type, data, position, schema }) as RecordedEvent

describe('restoring', () => {
  const events = [recorded('Opened', { owner: 'me' }), recorded('Noted', { text: 'a' }, 2)]

  test('folds from the beginning or from a state before', () => {
    const all = restore(Case.definition, 'c', events)
    expect(all).toMatchObject({ owner: 'me', notes: [{ text: 'a' }] })
    const first = restore(Case.definition, 'c', events.slice(0, 1))
    expect(restore(Case.definition, 'c', events.slice(1), first)).toEqual(all)
    expect(Object.isFrozen(all)).toBe(true)
  })

  test('nothing, and what has ended, has no state', () => {
    expect(restore(Case.definition, 'c', [])).toBeUndefined()
    expect(restore(Case.definition, 'c', [...events, recorded('Closed', {}, 3)])).toBeUndefined()
  })

  const where = { aggregate: 'Case', id: 'c', position: 7 }
  test.each([
    ['a type nobody knows', [recorded('Gone', {}, 7)], 'DURE_EVENT_UNKNOWN', { type: 'Gone' }],
    [
      'a version nobody knows',
      [recorded('Opened', {}, 7, 2)],
      'DURE_EVENT_VERSION_UNKNOWN',
      { type: 'Opened', found: 2, known: 1 },
    ],
    [
      'an event that cannot stand first',
      [recorded('Noted', { text: 'x' }, 7)],
      'DURE_EVENT_UNREADABLE',
      { type: 'Noted' },
    ],
    [
      'a second start',
      [...events, recorded('Opened', { owner: 'x' }, 7)],
      'DURE_EVENT_UNREADABLE',
      { type: 'Opened' },
    ],
  ] as const)('%s is named by stream, position and type', (_, past, expected, details) => {
    expect(() => restore(Case.definition, 'c', past)).toThrow(
      expect.objectContaining({
        code: expected,
        kind: 'corrupt',
        details: expect.objectContaining({ ...where, ...details }) as object,
      }),
    )
  })

  test('an evolve that throws is named, with its cause', () => {
    const Bad = aggregate('Bad', { state: { owner: z.string() }, events: { Opened, Noted } })
      .starts({ Opened: (e) => e })
      .evolves({ Noted: () => JSON.parse('{') as never })
    expect(() => restore(Bad.definition, 'c', events)).toThrow(
      expect.objectContaining({ code: 'DURE_EVENT_UNREADABLE', cause: expect.any(SyntaxError) as Error }),
    )
  })

  test('an upcaster that throws, or makes what its event refuses, is named', () => {
    const Split = event('Split', { a: z.string() }).from(1, { ab: z.string() }, ({ ab }) => ({
      a: ab.split('-')[1] as string,
    }))
    const Bad = aggregate('Bad', { state: { a: z.string() }, events: { Split } })
      .starts({ Split: (e) => e })
      .evolves({})
    expect(restore(Bad.definition, 'c', [recorded('Split', { ab: 'x-y' })])).toEqual({ a: 'y' })
    for (const data of [{ ab: 'x' }, {}]) {
      expect(() => restore(Bad.definition, 'c', [recorded('Split', data)])).toThrow(
        code('DURE_EVENT_UNREADABLE'),
      )
    }
  })
})
