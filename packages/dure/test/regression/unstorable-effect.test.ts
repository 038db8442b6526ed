import * as z from 'zod'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { aggregate, context, contract, event, list, object, policy, system, view } from 'dure'
import { memoryStorage } from 'dure/memory'
import { running } from '../fixtures/running.ts'

const Written = event('Written', { title: z.string() })
const Note = aggregate('Note', { state: { title: z.string() }, events: { Written } })
  .starts({ Written: (e) => e })
  .factory('write', { title: z.string() }, (input, { emit }) => emit.Written(input))

const Copied = event('Copied', { start: z.string() })
const Copy = aggregate('Copy', { state: { start: z.string() }, events: { Copied } })
  .starts({ Copied: (e) => e })
  .factory('copy', { start: z.string() }, (input, { emit }) => emit.Copied(input))

const copyNotes = policy('copy the start of each note')
  .on(Written)
  .issues({ copy: Copy.commands.copy })
  .do((e, _, { copy }) => [copy({ start: e.title.slice(0, 3) })])

const Row = { start: z.string(), n: z.int() }
const ByTitle = view('ByTitle', 'title', { title: z.string() }).on(
  Written,
  (e) => e.title,
  (_, e) => ({ title: e.title }),
)
const ByStart = view('ByStart', 'id', { id: z.string(), start: z.string() }).on(
  Written,
  (_, m) => m.id,
  (_, e, m) => ({ id: m.id, start: e.title.slice(0, 3) }),
)
const Copies = view('Copies', 'start', Row).on(
  Copied,
  (e) => e.start,
  (row, e) => ({ start: e.start, n: (row?.n ?? 0) + 1 }),
)

const Notes = contract('Notes', {
  commands: { write: { title: z.string() } },
  queries: {
    titles: { in: {}, out: list(object({ title: z.string() })) },
    starts: { in: {}, out: list(object({ start: z.string() })) },
    copies: { in: {}, out: list(object(Row)) },
  },
})
const notes = system('Notes', {
  contexts: [
    context(Notes, [Note, Copy, ByTitle, ByStart, Copies, copyNotes]).implements({
      commands: { write: Note.commands.write },
      queries: {
        titles: (_, reading) => reading.view(ByTitle).list(),
        starts: (_, reading) => reading.view(ByStart).list({ orderBy: 'start' }),
        copies: (_, reading) => reading.view(Copies).list(),
      },
    }),
  ],
})

const settledOr = (work: Promise<void>): Promise<unknown> =>
  Promise.race([work.then(() => 'settled'), pause(3000, 'stuck')])

describe('an effect that no store can hold', () => {
  it('parks its event, and the others go on', async () => {
    const it = await running(notes, memoryStorage())
    const long = 'x'.repeat(600)
    const cut = 'ab😀' // sliced in the middle of the pair
    for (const title of ['one', long, cut, 'two']) await it.command('Notes.write', { title })
    expect(await settledOr(it.host.settled())).toBe('settled')
    expect(await it.query('Notes.titles', {})).toEqual([{ title: cut }, { title: 'one' }, { title: 'two' }])
    expect(await it.query('Notes.starts', {})).toEqual([{ start: 'one' }, { start: 'two' }, { start: 'xxx' }])
    expect(await it.query('Notes.copies', {})).toEqual([
      { start: 'one', n: 1 },
      { start: 'two', n: 1 },
      { start: 'xxx', n: 1 },
    ])
    expect(it.log.map(([, message, { code }]) => [message, code])).toEqual(
      Array.from({ length: 3 }, () => ['event parked', 'DURE_STORE_TEXT_INVALID']),
    )
    await it.host.close()
  })
})
