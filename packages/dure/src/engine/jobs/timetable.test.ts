import { cron, daily, every, weekly, type Schedule } from 'dure'
import { describe, expect, it } from 'vitest'
import { timetableOf } from './timetable.ts'

const times = (schedule: Schedule, after: string, count: number): string[] => {
  const { next } = timetableOf('x', schedule)
  const found: string[] = []
  for (let at = next(new Date(after)); at !== undefined && found.length < count; at = next(at)) {
    found.push(at.toISOString().slice(0, 16))
  }
  return found
}

describe('times', () => {
  it('of every(…) are the same in every process: multiples since 1970', () => {
    expect(times(every('1h'), '2026-03-02T00:30:00Z', 2)).toEqual(['2026-03-02T01:00', '2026-03-02T02:00'])
    expect(times(every('1h'), '2026-03-02T01:00:00Z', 1)).toEqual(['2026-03-02T02:00'])
    expect(times(every('1d'), '2026-03-02T01:00:00Z', 1)).toEqual(['2026-03-03T00:00'])
  })

  it('of the others go by the clocks of their zone', () => {
    expect(times(daily('03:00', 'Asia/Seoul'), '2026-03-02T00:00:00Z', 2)).toEqual([
      '2026-03-02T18:00',
      '2026-03-03T18:00',
    ])
    expect(times(weekly('mon', '09:00', 'Asia/Seoul'), '2026-03-02T00:00:00Z', 2)).toEqual([
      '2026-03-09T00:00',
      '2026-03-16T00:00',
    ])
    expect(times(cron('30 2 1 * *', 'UTC'), '2026-03-02T00:00:00Z', 2)).toEqual([
      '2026-04-01T02:30',
      '2026-05-01T02:30',
    ])
  })

  it('by the hour go on through the changes of clocks; at a time of day they are once a day', () => {
    expect(times(cron('30 * * * *', 'Europe/Berlin'), '2026-03-28T23:45:00Z', 3)).toEqual([
      '2026-03-29T00:30',
      '2026-03-29T01:30',
      '2026-03-29T02:30',
    ])
    expect(times(cron('30 * * * *', 'Europe/Berlin'), '2026-10-24T23:45:00Z', 3)).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T01:30',
      '2026-10-25T02:30',
    ])
    expect(times(cron('30 2,14 * * *', 'Europe/Berlin'), '2026-10-24T20:00:00Z', 3)).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T13:30',
      '2026-10-26T01:30',
    ])
  })
})

describe('the last time', () => {
  it.each([
    [every('7m'), '2020-01-01T00:00:00Z'],
    [daily('02:30', 'Europe/Berlin'), '2020-01-01T00:00:00Z'],
    [cron('*/10 * * * * *', 'UTC'), '2025-12-30T00:00:00Z'],
    [cron('0 0 29 2 *', 'UTC'), '2001-01-01T00:00:00Z'],
  ])('of %j is the one that walking through all of them finds', (schedule, after) => {
    const { next, latest } = timetableOf('x', schedule)
    const [from, until] = [new Date(after), new Date('2026-01-01T00:00:05Z')]
    // From shortly before, or it would take a while.
    let walked: Date | undefined
    const near = new Date(Math.max(from.getTime(), until.getTime() - 10 * 365 * 86_400_000))
    const start = 'everyMs' in schedule.rule ? new Date(until.getTime() - 86_400_000) : near
    const begin = schedule.text.includes('*/10') ? new Date(until.getTime() - 60_000) : start
    for (let at = next(begin); at !== undefined && at <= until; at = next(at)) walked = at
    expect(latest(from, until)).toEqual(walked)
  })

  it('is none where none has come', () => {
    const { latest } = timetableOf('x', daily('03:00', 'UTC'))
    expect(latest(new Date('2026-01-01T03:00:00Z'), new Date('2026-01-02T02:59:59Z'))).toBeUndefined()
    expect(latest(new Date('2027-01-01T03:00:00Z'), new Date('2026-01-02T02:59:59Z'))).toBeUndefined()
    expect(
      timetableOf('x', every('1h')).latest(
        new Date('2026-01-01T03:00:00Z'),
        new Date('2026-01-01T03:59:59Z'),
      ),
    ).toBeUndefined()
  })
})

it.each([
  ['61 * * * *', 'Invalid value for minute: 61'],
  ['0 0 30 2 *', 'it never comes'],
  ['whenever', 'CronPattern'],
])('the cron expression %j is refused by name', (expression, reason) => {
  expect(() => timetableOf('nightly', cron(expression, 'UTC'))).toThrow(
    expect.objectContaining({
      code: 'DURE_JOB_SCHEDULE',
      message: expect.stringContaining(reason) as string,
    }) as Error,
  )
})
