import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { aggregate, context, contract, event, list, object, system, view, type System } from 'dure'
import { memoryStorage } from 'dure/memory'
import { keptOpen, running } from '../fixtures/running.ts'

const Opened = event('Opened', {})
const Box = aggregate('Box', { state: {}, events: { Opened } })
  .starts({ Opened: () => ({}) })
  .factory('open', { id: z.string() }, (_, { emit }) => emit.Opened({}), { id: (input) => input.id })

const Row = { id: z.string(), release: z.int() }
const Boxes = contract('Boxes', {
  commands: { open: { id: z.string() } },
  queries: { all: { in: {}, out: list(object(Row)) } },
})

/** The same view as two releases define it. */
const first = view('Boxes', 'id', Row).on(
  Opened,
  (_, m) => m.id,
  (_, __, m) => ({ id: m.id, release: 1 }),
)
const second = view('Boxes', 'id', Row).on(
  Opened,
  (_, m) => m.id,
  (_, __, m) => ({ id: m.id, release: 2 }),
)

function boxes(rows: typeof first): System {
  const only = context(Boxes, [Box, rows]).implements({
    commands: { open: Box.commands.open },
    queries: { all: (_, reading) => reading.view(rows).list({ orderBy: 'id' }) },
  })
  return system('Boxes', { contexts: [only] })
}

const of = (release: number, ...ids: string[]) => ids.map((id) => ({ id, release }))

describe('two releases of a view on one store', () => {
  it('do not break each other’s rows while both run, nor after the newer is taken back', async () => {
    const storage = keptOpen(memoryStorage())
    const old = await running(boxes(first), storage)
    for (const id of ['a', 'b', 'c']) await old.command('Boxes.open', { id })
    await old.host.settled()
    const fresh = await running(boxes(second), storage)
    await fresh.host.settled()
    expect(await fresh.query('Boxes.all', {})).toEqual(of(2, 'a', 'b', 'c'))
    await old.command('Boxes.open', { id: 'd' })
    await old.host.settled()
    expect(await old.query('Boxes.all', {})).toEqual(of(1, 'a', 'b', 'c', 'd'))
    await Promise.all([old.host.close(), fresh.host.close()])
    const back = await running(boxes(first), storage)
    await back.command('Boxes.open', { id: 'e' })
    await back.host.settled()
    expect(await back.query('Boxes.all', {})).toEqual(of(1, 'a', 'b', 'c', 'd', 'e'))
    await back.host.close()
  })
})
