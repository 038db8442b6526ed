import { daily, every, instant, job, optional, poller } from 'dure'
import type { Host } from 'dure/host'
import { givenJob, issued } from 'dure/testing'
import { expectTypeOf } from 'vitest'
import * as z from 'zod'
import { Note, Notes } from '../../../test/fixtures/office.ts'

const stamp = job('stamp', {
  on: daily('03:00', 'Asia/Seoul'),
  takes: { since: optional(instant()), word: optional(z.string()) },
})
  .reads(
    async (cursor, { view, run }) => {
      expectTypeOf(cursor).toEqualTypeOf<string | undefined>()
      expectTypeOf(run.input.since).toEqualTypeOf<Date | undefined>()
      const items = await view(Notes).list({ after: cursor, limit: 10 })
      return { items, next: items.at(-1)?.id }
    },
    { key: (note) => note.id },
  )
  .issues({ stamp: Note.commands.stamp })
  .do((note, run, issue) => {
    expectTypeOf(note.text).toEqualTypeOf<string>()
    expectTypeOf(run.input.word).toEqualTypeOf<string | undefined>()
    // @ts-expect-error -- a command that is not among those it issues
    issue.lock(note.id)
    // @ts-expect-error -- an input that the command does not take
    issue.stamp(note.id as never, { stamp: 1 })
    return issue.stamp(note.id as never, { stamp: run.id })
  })
  .rejected((no, note) => {
    expectTypeOf(no.command).toEqualTypeOf<'stamp'>()
    expectTypeOf(no.rejected).toEqualTypeOf<'Locked'>()
    expectTypeOf(note.id).toEqualTypeOf<string>()
    return []
  })

// A cursor of another type is written down.
job('pages', {})
  .reads(
    (cursor: { page: number } | undefined) => ({ items: [1], next: { page: (cursor?.page ?? 0) + 1 } }),
    {
      // @ts-expect-error -- a key is a text
      key: (n) => n,
    },
  )
  .issues({})

// @ts-expect-error -- the next cursor is not of the type of the cursor
job('other').reads((_: number | undefined) => ({ items: [1], next: 'x' }), { key: String })

// @ts-expect-error -- a period is a number and a unit
every('1 hour')

const lines = poller('lines', {
  every: '1m',
  from: async (cursor: number | undefined, { signal }) => {
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
    return { items: [{ id: 'a', amount: 1 }], cursor: (cursor ?? 0) + 1 }
  },
  key: (line) => line.id,
})
  .issues({ write: Note.commands.write })
  .do((line, poll, { write }) => {
    expectTypeOf(line.amount).toEqualTypeOf<number>()
    expectTypeOf(poll.at).toEqualTypeOf<Date>()
    return write({ text: line.id })
  })

declare const host: Host
void host.runJob(stamp, { word: 'x' })
// @ts-expect-error -- an input that the job does not take
void host.runJob(stamp, { word: 1 })
// @ts-expect-error -- a poller has no runs
void host.runJob(lines)

givenJob(stamp)
  .when({ id: '1', text: 'a' }, { input: { word: 'x' } })
  .thenIssues(issued(Note.commands.stamp, '1', { stamp: 's' }))
// @ts-expect-error -- a command that the job does not issue
givenJob(stamp).when({ id: '1', text: 'a' }).thenIssues(issued(Note.commands.lock, '1'))
// @ts-expect-error -- an item of another shape
givenJob(stamp).when({ id: 1 })
