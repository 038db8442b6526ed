import { describe, expect, it } from 'vitest'
import { fault } from '../../kernel/errors/fault.ts'
import type { ParkedRecord } from '../../ports/parking.ts'
import { mayBeNewer, nextTry } from './next-try.ts'

const at = new Date('2026-01-01T00:00:00Z')
const after = (seconds: number): Date => new Date(at.getTime() + seconds * 1000)
const record: ParkedRecord = {
  consumer: 'p',
  source: 'S',
  stream: { tenant: '', aggregate: 'Order', id: '1' },
  position: 1,
  code: 'DURE_PARKED_FAILED',
  reason: 'no',
  tries: 1,
  at,
  triedAt: at,
  retry: false,
}

describe('the next try of what is parked', () => {
  it.each([
    [1, 5],
    [2, 30],
    [3, 120],
    [4, 600],
  ])('after %i tries comes %i seconds later', (tries, seconds) => {
    expect(nextTry({ ...record, tries })).toEqual(after(seconds))
  })

  it('does not come by itself after the fifth, but when somebody asks', () => {
    expect(nextTry({ ...record, tries: 5 })).toBeUndefined()
    expect(nextTry({ ...record, tries: 5, retry: true })).toEqual(at)
  })

  it('comes at once where what it waited behind is gone', () => {
    expect(nextTry({ ...record, tries: 0, code: 'DURE_PARKED_BEHIND' })).toEqual(at)
  })

  it('comes every five seconds while it is held, the last time at the end of that', () => {
    expect(nextTry({ ...record, heldUntil: after(900) })).toEqual(after(5))
    expect(nextTry({ ...record, heldUntil: after(3) })).toEqual(after(3))
  })
})

const place = { aggregate: 'Order', id: '1', position: 1, type: 'Placed' }

describe('an event that a newer release may have written', () => {
  it.each([
    ['of a newer version', fault('DURE_EVENT_VERSION_UNKNOWN', { ...place, found: 3, known: 2 }), true],
    ['of an older version', fault('DURE_EVENT_VERSION_UNKNOWN', { ...place, found: 1, known: 2 }), false],
    ['of an unknown type', fault('DURE_EVENT_UNKNOWN', place), true],
    ['that cannot be read', fault('DURE_EVENT_UNREADABLE', { ...place, reason: 'x' }), false],
    [
      'that its context cannot publish yet',
      fault('DURE_EVENT_UNPUBLISHED', { context: 'S', position: 1, code: 'DURE_EVENT_UNKNOWN', reason: 'x' }),
      true,
    ],
    [
      'whose publication throws',
      fault('DURE_EVENT_UNPUBLISHED', { context: 'S', position: 1, code: 'DURE_INTERNAL', reason: 'x' }),
      false,
    ],
    ['on which something threw', new RangeError('x'), false],
  ])('is one %s', (_, why, newer) => {
    expect(mayBeNewer(why)).toBe(newer)
  })
})
