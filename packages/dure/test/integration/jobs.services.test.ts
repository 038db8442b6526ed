import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createHost } from 'dure/host'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Requests } from '../../src/engine/jobs/requests.ts'
import { TaskRows } from '../../src/engine/jobs/task-rows.ts'
import { systemWorld } from '../../src/host/system-world.ts'
import type { Storage } from '../../src/ports/store.ts'
import { deskWith, stampsIn, write } from '../fixtures/office.ts'
import { stampSlowly } from '../fixtures/office-process.ts'
import { createDatabase, type TestDatabase } from '../fixtures/postgres-database.ts'

const program = fileURLToPath(new URL('../fixtures/office-process.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'dure-jobs-'))
const file = join(folder, 'feed')
const name = stampSlowly.name

let database: TestDatabase
let storage: Storage
const children: ChildProcess[] = []

beforeAll(async () => {
  database = await createDatabase({ connectionString: process.env['DURE_TEST_POSTGRES_URL'] })
  storage = database.open()
  const host = await createHost(deskWith(), { storage: { ...storage, close: async () => undefined } })
  await write(host, ...Array.from({ length: 60 }, (_, i) => `note ${i}`))
  await host.close()
})
afterAll(async () => {
  for (const it of children) it.kill('SIGKILL')
  await storage.close()
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

interface Replica {
  readonly process: ChildProcess
  readonly told: { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[]
}

async function replica(): Promise<Replica> {
  const child = fork(program, {
    execArgv: ['--conditions=@dure/source'],
    env: { ...process.env, DATABASE_URL: database.config.connectionString, TEST_FEED: file },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  children.push(child)
  const it: Replica = { process: child, told: [] }
  const ready = Promise.withResolvers<void>()
  child.on('message', (line) => {
    if (line === 'ready') ready.resolve()
    else it.told.push(line as Replica['told'][number])
  })
  await Promise.race([ready.promise, once(child, 'exit')])
  return it
}

const began = (it: Replica): boolean => it.told.some(({ message }) => message === 'job run begun')

/** Waits for what does not tell when it happens. */
async function until(what: () => Promise<boolean>, ms: number): Promise<number> {
  const begun = Date.now()
  while (!(await what())) {
    if (Date.now() - begun > ms) throw new Error('it did not happen in time')
    await pause(50)
  }
  return Date.now() - begun
}

it('a run goes on at its cursor in another process when its own is killed, each effect once', async () => {
  const store = await storage.openContext('Desk')
  const rows = new TaskRows(store, systemWorld)
  const replicas = await Promise.all([replica(), replica()])
  const id = await new Requests(store, systemWorld).run(stampSlowly.definition)
  await until(async () => ((await rows.job(name))?.run?.done ?? 0) >= 15, 10_000)
  const [busy, ...others] = replicas.toSorted((a, b) => Number(began(b)) - Number(began(a)))
  expect(replicas.filter(began)).toHaveLength(1)
  busy?.process.kill('SIGKILL')
  const done = (await rows.job(name))?.run?.done as number
  const waited = await until(async () => (await rows.run(name, id))?.state === 'done', 25_000)
  expect(await rows.run(name, id)).toMatchObject({ state: 'done', done: 60, total: 60 })
  const goesOn = others[0]?.told.find(({ message }) => message === 'job run goes on')
  expect(goesOn?.fields['done']).toBeGreaterThanOrEqual(done)
  expect(goesOn?.fields['done']).toBeLessThanOrEqual(done + 5)
  const stamps = Object.entries(await stampsIn(storage)).filter(([text]) => text.startsWith('note'))
  expect(stamps).toHaveLength(60)
  for (const [, its] of stamps) expect(its).toEqual([id])
  // The lease of the killed process, and what was left to do.
  expect(waited).toBeLessThan(10_000 + 2000 + 5000)
}, 60_000)

it('a poller asks in one process at a time, and brings in each item once', async () => {
  await replica()
  await pause(3000)
  const asked = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { pid: number; begun: number; ended: number })
    .toSorted((a, b) => a.begun - b.begun)
  expect(asked.length).toBeGreaterThan(10)
  for (const [i, it] of asked.slice(1).entries())
    expect(it.begun).toBeGreaterThanOrEqual(asked[i]?.ended as number)
  const { cursor, handled } =
    (await new TaskRows(await storage.openContext('Desk'), systemWorld).poller('feed')) ?? {}
  const events = await (await storage.openContext('Desk')).openLog(0).next(10_000)
  const texts = events.flatMap(({ data: { text } }) =>
    typeof text === 'string' && text.startsWith('line') ? [text] : [],
  )
  expect(new Set(texts).size).toBe(texts.length)
  expect(texts.length).toBeGreaterThanOrEqual(handled as number)
  expect(cursor).toBeGreaterThan(10)
}, 30_000)
