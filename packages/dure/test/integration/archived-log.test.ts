import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  aggregate,
  context,
  contract,
  event,
  list,
  object,
  policy,
  system,
  view,
  type Id,
  type System,
} from 'dure'
import { embeddedStorage, type EmbeddedStorage } from 'dure/embedded'
import { systemWorld } from 'dure/host'
import { memoryTransport } from 'dure/memory'
import { asState, type Persistence } from 'dure/persistence'
import type { Storage } from 'dure/ports'
import { postgresStorage } from 'dure/postgres'
import { foldStreams, readLog, type Failure } from '../../src/cli/history/check-log.ts'
import { expectedOf, openRuntimes } from '../../src/cli/status/expected.ts'
import { migrationOf } from '../../src/migration/migration.ts'
import { createDatabase, type TestDatabase } from '../fixtures/postgres-database.ts'
import { codeOf, keptOpen, running, type Driver } from '../fixtures/running.ts'
import { shop } from '../fixtures/shop.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let directory: string
let server: EmbeddedStorage
let database: TestDatabase

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dure-test-'))
  server = await embeddedStorage({ directory })
  database = await createDatabase({ ...server.connection })
})

afterAll(async () => {
  await database?.drop()
  await server?.close()
  await rm(directory, { recursive: true, force: true })
})

const Counted = event('Counted', { by: z.int() })
const Started = event('Started', {})
const Closed = event('Closed', {})
const Counter = aggregate('Counter', { state: { n: z.int() }, events: { Started, Counted, Closed } })
  .starts({ Started: () => ({ n: 0 }) })
  .ends('Closed')
  .evolves({ Counted: (s, e) => ({ n: s.n + e.by }) })
  .factory('start', { id: z.string() }, (_, { emit }) => emit.Started({}), { id: (input) => input.id })
  .command('count', { by: z.int() }, (_, input, { emit }) => emit.Counted(input))
  .command('close', {}, (_, __, { emit }) => emit.Closed({}))

const Begun = event('Begun', { n: z.int() })
const Noted = event('Noted', { n: z.int() })
const Note = aggregate('Note', { state: { sum: z.int() }, events: { Begun, Noted } })
  .starts({ Begun: (e) => ({ sum: e.n }) })
  .evolves({ Noted: (s, e) => ({ sum: s.sum + e.n }) })
  .factory('begin', { id: z.string(), n: z.int() }, ({ n }, { emit }) => emit.Begun({ n }), {
    id: (input) => input.id,
  })
  .command('note', { n: z.int() }, (_, input, { emit }) => emit.Noted(input))

const note = policy('note what is counted')
  .on(Counted)
  .issues({ note: Note.commands.note })
  .do((e, _, it) => it.note('all' as Id<'Note'>, { n: e.by }))

const Row = { id: z.string(), n: z.int() }
const Counting = contract('Counting', {
  commands: {
    begin: { id: z.string(), n: z.int() },
    start: { id: z.string() },
    count: { id: z.string(), by: z.int() },
    close: { id: z.string() },
  },
  queries: { all: { in: {}, out: list(object(Row)) } },
})

const key = (_: unknown, m: { readonly id: string }): string => m.id

/** The same system in one release or another. */
function counting(release: 'first' | 'another fold'): System {
  const started = view('Totals', 'id', Row).on(
    Started,
    (_, m) => m.id,
    (_, __, m) => ({ id: m.id, n: 0 }),
  )
  const Totals =
    release === 'first'
      ? started.on(Counted, key, (row, e) => row && { ...row, n: row.n + e.by })
      : started.on(Counted, key, (row, e) => row && { ...row, n: row.n + 2 * e.by })
  const only = context(Counting, [Counter, Note, Totals, note]).implements({
    commands: {
      begin: Note.commands.begin,
      start: Counter.commands.start,
      count: Counter.commands.count,
      close: Counter.commands.close,
    },
    queries: { all: (_, reading) => reading.view(Totals).list({ orderBy: 'id' }) },
  })
  return system('Counting', { contexts: [only] })
}

/** Ten positions a part, as long as nothing is stored. */
async function makeSmall(
  storage: Storage,
  it: System,
  persistence: readonly Persistence[],
  schema: string,
): Promise<void> {
  const first = await running(it, keptOpen(storage), persistence)
  await first.host.close()
  await database.pool.query(
    `update ${schema}.meta set partition_size = 10; drop table ${schema}.events_0, ${schema}.events_1`,
  )
}

function poolOf({ config }: TestDatabase): pg.Pool {
  const pool = new pg.Pool({ ...config, max: 6 })
  // A connection that is cut when the server ends would otherwise end the test run.
  pool.on('error', () => undefined)
  return pool
}

async function archive(storage: Storage, it: System, name = 'Counting'): Promise<number> {
  const contexts = await openRuntimes(it, storage)
  const all = new Map(contexts.map((one) => [one.name, one]))
  const archiving = storage.archiving?.(
    name,
    contexts.flatMap((one) => expectedOf(one, all)).filter(({ source }) => source.name === name),
    [...all.keys()],
  )
  const tomorrow = new Date(Date.now() + 86_400_000)
  let events = 0
  for (const part of (await archiving?.parts(tomorrow)) ?? []) {
    const done = await archiving?.archive(part, tomorrow, async ({ lines, from }) => {
      const count = (await linesOf(lines)).length
      return { file: `f${from}`, events: count, sha256: `${from}` }
    })
    events += done?.events ?? 0
  }
  await Promise.all(contexts.map((one) => one.store.close()))
  return events
}

const closed = async (it: Driver, counter: number): Promise<void> => {
  await it.command('Counting.start', { id: `c${counter}` })
  for (let i = 0; i < 4; i++) await it.command('Counting.count', { id: `c${counter}`, by: 1 })
  if (counter % 3 !== 0) await it.command('Counting.close', { id: `c${counter}` })
}

/** What `dure check` finds in a history that lacks what was archived. */
async function problemsOf(storage: Storage): Promise<readonly Failure[]> {
  const failures: Failure[] = []
  const store = await storage.openContext('Counting')
  const report = (it: Failure): void => void failures.push(it)
  for (const it of counting('first').contexts) {
    expect(await readLog(it, store, report, () => undefined)).toBeGreaterThan(15)
    expect(await foldStreams(it, store, report, () => undefined)).toBe(11)
  }
  await store.close()
  return failures
}

async function place(on: Driver, times: number): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < times; i++) {
    const reply = await on.command('Ordering.placeOrder', {
      customer: 'c1',
      lines: [{ lineId: '1', product: 'p1', quantity: 1, price: { amount: 10, currency: 'KRW' } }],
      shipTo: { zipcode: '04524', addr1: 'Sejong-daero' },
    })
    ids.push((reply as { readonly id: string }).id)
  }
  return ids
}

describe.each(['events', 'state'] as const)('an archived log, with aggregates kept as %s', (kept) => {
  it('goes on as if all of it were there, but for who begins anew', async () => {
    const storage = postgresStorage({ pool: poolOf(database), ownsPool: true, schemaPrefix: `${kept}_` })
    const keep = kept === 'state' ? [asState(Counter), asState(Note)] : []
    await makeSmall(storage, counting('first'), keep, `${kept}_counting`)
    const first = await running(counting('first'), keptOpen(storage), keep)
    await first.command('Counting.begin', { id: 'all', n: 0 })
    for (let c = 0; c < 9; c++) await closed(first, c)
    await first.host.settled()
    const rows = await first.query('Counting.all', {})
    // While the program runs, its policies and views have not told yet how far they are.
    await first.host.close()

    expect(await archive(storage, counting('first'))).toBeGreaterThan(20)
    expect(await archive(storage, counting('first'))).toBe(0)

    const again = await running(counting('first'), keptOpen(storage), keep)
    expect(await again.query('Counting.all', {})).toEqual(rows)
    expect(await again.command('Counting.count', { id: 'c3', by: 5 })).toMatchObject({
      ok: true,
      version: 6,
    })
    expect(await codeOf(again.command('Counting.count', { id: 'c1', by: 1 }))).toBe('DURE_AGGREGATE_ENDED')
    expect(await codeOf(again.command('Counting.start', { id: 'c1' }))).toBe('DURE_AGGREGATE_EXISTS')
    expect(await again.command('Counting.start', { id: 'new' })).toMatchObject({ ok: true, version: 1 })
    await again.host.settled()
    const changed = (await again.query('Counting.all', {})) as unknown[]
    expect(changed).toContainEqual({ id: 'c3', n: 9 })
    const found = await migrationOf(counting('first'), keep, storage, systemWorld).verify()
    for (const { checked, differences } of found.values()) {
      expect(checked).toBeGreaterThan(0)
      expect(differences).toEqual([])
    }
    await again.host.close()
    expect(await problemsOf(storage)).toEqual([])

    // The other release would have to read all of the log again. It refuses before it forgets anything.
    expect(await codeOf(running(counting('another fold'), keptOpen(storage), keep))).toBe('DURE_LOG_ARCHIVED')
    const back = await running(counting('first'), keptOpen(storage), keep)
    expect(await back.query('Counting.all', {})).toEqual(changed)
    await back.host.close()
    await storage.close()
  })
})

it('a topic that was wiped is filled from where the log begins to be whole, and nobody misses anything', async () => {
  const storage = postgresStorage({ pool: poolOf(database), ownsPool: true, schemaPrefix: 'bus_' })
  await makeSmall(storage, shop, [], 'bus_ordering')
  const first = await running(shop, keptOpen(storage), [], memoryTransport())
  await first.command('Inventory.openStock', { product: 'p1', quantity: 100 })
  for (const id of await place(first, 15)) await first.command('Ordering.eraseOrder', { id })
  await place(first, 1)
  await first.host.settled()
  await first.host.close()
  expect(await archive(storage, shop, 'Ordering')).toBe(29)

  for (const transport of [memoryTransport(), memoryTransport()]) {
    const again = await running(shop, keptOpen(storage), [], transport)
    await place(again, 3)
    await again.host.settled()
    expect(again.host.relays()).toMatchObject([{ context: 'Ordering', state: 'publishing' }])
    await again.host.close()
  }
  const last = await running(shop, storage, [], memoryTransport())
  expect(await last.query('Inventory.stockOf', { product: 'p1' })).toEqual({ free: 100 - 22 })
  await last.host.close()
})

async function linesOf(lines: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = []
  for await (const line of lines) found.push(line)
  return found
}
