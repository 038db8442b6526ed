import { daily, every, job, type JobOptions, type JobReading } from 'dure'
import { afterEach, describe, expect, it } from 'vitest'
import {
  Desk,
  eventsIn,
  Note,
  Notes,
  room,
  stampsIn,
  write,
  type Room,
} from '../../../test/fixtures/office.ts'
import { Requests } from './requests.ts'
import type { JobStatus } from './status.ts'
import { TaskRows } from './task-rows.ts'

const hour = 3_600_000

let here: Room
const opened = (now?: string): Room => (here = room(now))
afterEach(async () => {
  await Promise.all(here.hosts.map((it) => it.close()))
})

/** Two notes a page, in the order of their ids. */
async function page(cursor: string | undefined, { view }: JobReading<object>) {
  const items = await view(Notes).list({ after: cursor, limit: 2 })
  return { items, next: items.length === 2 ? items.at(-1)?.id : undefined }
}

const stampAll = (options: JobOptions<{}> = { on: every('1h') }) =>
  job('stamp all notes', options)
    .reads(page, { key: (note) => note.id })
    .issues({ stamp: Note.commands.stamp })
    .do((note, run, { stamp }) => stamp(note.id as never, { stamp: run.id }))

const statusOf = async (it: Room): Promise<JobStatus> => (await it.hosts[0]?.jobs())?.[0] as JobStatus

describe('a job with a schedule', () => {
  it('does each item once when it is due, page by page', async () => {
    const it = opened()
    const host = await it.open(stampAll())
    await write(host, 'a', 'b', 'c', 'd', 'e')
    expect(await statusOf(it)).toMatchObject({ state: 'idle', next: new Date('2026-03-02T01:00:00Z') })
    await it.pass(hour / 2 - 1)
    expect(await stampsIn(it.storage)).toEqual({ a: [], b: [], c: [], d: [], e: [] })
    await it.pass(1)
    const run = '2026-03-02T01:00:00.000Z'
    expect(await stampsIn(it.storage)).toEqual({ a: [run], b: [run], c: [run], d: [run], e: [run] })
    expect(await statusOf(it)).toMatchObject({
      state: 'idle',
      next: new Date('2026-03-02T02:00:00Z'),
      run: null,
      last: { run, state: 'done', done: 5, asked: false },
    })
  })

  it('tells with every event whose it is, and as part of what', async () => {
    const it = opened()
    const host = await it.open(stampAll())
    await write(host, 'a', 'b')
    await it.pass(hour)
    const [a, b] = (await eventsIn(it.storage)).filter(({ type }) => type === 'NoteStamped')
    expect(a?.meta).toMatchObject({
      actor: 'job:stamp all notes',
      causation: 'job:stamp all notes/2026-03-02T01:00:00.000Z',
    })
    expect(b?.meta.correlation).toBe(a?.meta.correlation)
    expect(b?.meta.command).not.toBe(a?.meta.command)
  })

  it('runs once across two hosts on one storage', async () => {
    const it = opened()
    const host = await it.open(stampAll())
    await it.open(stampAll())
    await write(host, 'a', 'b', 'c')
    for (let i = 0; i < 3; i++) await it.pass(hour)
    const runs = ['01', '02', '03'].map((at) => `2026-03-02T${at}:00:00.000Z`)
    expect(await stampsIn(it.storage)).toEqual({ a: runs, b: runs, c: runs })
  })

  it('makes up for what it missed by one run, for the last time that it was due', async () => {
    const it = opened()
    const first = await it.open(stampAll())
    await write(first, 'a')
    await first.close()
    it.hosts.length = 0
    it.world.advance(5 * hour)
    await it.open(stampAll())
    expect(await stampsIn(it.storage)).toEqual({ a: ['2026-03-02T05:00:00.000Z'] })
    expect((await statusOf(it)).last).toMatchObject({ since: new Date('2026-03-02T01:00:00Z') })
  })

  it('makes up for all of them, or for none, where it is told to', async () => {
    const it = opened()
    const all = job('all', { on: every('1h'), catchUp: 'all' })
    const none = job('none', { on: every('1h'), catchUp: 'none' })
    const both = [all, none].map((its) =>
      its
        .reads(page, { key: (note) => note.id })
        .issues({ stamp: Note.commands.stamp })
        .do((note, run, { stamp }) => stamp(note.id as never, { stamp: run.id })),
    )
    const [one, other] = both as [(typeof both)[0], (typeof both)[0]]
    const first = await it.open(one, other)
    await write(first, 'a')
    await first.close()
    it.hosts.length = 0
    it.world.advance(3.25 * hour)
    await it.open(one, other)
    const runs = ['01', '02', '03'].map((at) => `2026-03-02T${at}:00:00.000Z`)
    expect(await stampsIn(it.storage)).toEqual({ a: runs })
    await it.pass(hour / 4)
    const four = '2026-03-02T04:00:00.000Z'
    expect(await stampsIn(it.storage)).toEqual({ a: [...runs, four, four] })
  })

  it('does nothing again when the clock is set back', async () => {
    const it = opened()
    const host = await it.open(stampAll())
    await write(host, 'a')
    await it.pass(hour)
    it.world.set('2026-03-02T00:50:00Z')
    await it.pass(20 * 60_000)
    expect(await stampsIn(it.storage)).toEqual({ a: ['2026-03-02T01:00:00.000Z'] })
    await it.pass(hour)
    expect((await stampsIn(it.storage))['a']).toHaveLength(2)
  })

  it('is due right after the gap on the day that clocks go forward over its time', async () => {
    const it = opened('2026-03-27T12:00:00Z')
    const host = await it.open(stampAll({ on: daily('02:30', 'Europe/Berlin') }))
    await write(host, 'a')
    for (let i = 0; i < 3; i++) await it.pass(24 * hour)
    expect((await stampsIn(it.storage))['a']).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ])
  })

  it('is due once on the day that clocks go back over its time', async () => {
    const it = opened('2026-10-24T12:00:00Z')
    const host = await it.open(stampAll({ on: daily('02:30', 'Europe/Berlin') }))
    await write(host, 'a')
    for (let i = 0; i < 36; i++) await it.pass(hour)
    expect((await stampsIn(it.storage))['a']).toEqual(['2026-10-25T00:30:00.000Z'])
  })

  it('does not make up for times of a schedule that it has only now', async () => {
    const it = opened()
    const first = await it.open(stampAll({ on: daily('00:31', 'UTC') }))
    await write(first, 'a')
    await it.pass(hour / 2)
    await first.close()
    it.hosts.length = 0
    it.world.advance(5 * hour)
    await it.open(stampAll({ on: every('1h') }))
    expect((await stampsIn(it.storage))['a']).toHaveLength(1)
    await it.pass(hour)
    expect((await stampsIn(it.storage))['a']).toHaveLength(2)
  })
})

/** Lets everything happen that waits for nothing outside. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A job whose reading can be held, or made to fail. */
function gated(options: JobOptions<{}> = {}) {
  const gate = { open: Promise.resolve(), fails: 0, pages: 0, signals: [] as AbortSignal[] }
  const its = job('stamp all notes', options)
    .reads(
      async (cursor: string | undefined, reading) => {
        gate.pages++
        gate.signals.push(reading.signal)
        await gate.open
        if (gate.fails-- > 0) throw new Error('no paper')
        return page(cursor, reading)
      },
      { key: (note) => note.id },
    )
    .issues({ stamp: Note.commands.stamp })
    .do((note, run, { stamp }) => stamp(note.id as never, { stamp: run.id.slice(0, 13) }))
  return { gate, its }
}

describe('a run', () => {
  it('goes on at its cursor in another process when its own is stopped in the middle', async () => {
    const it = opened()
    const { gate, its } = gated({ on: every('1h') })
    const first = await it.open(its)
    await write(first, 'a', 'b', 'c', 'd', 'e')
    const held = Promise.withResolvers<void>()
    const began = Promise.withResolvers<void>()
    const paused = job('stamp all notes', { on: every('1h') })
      .reads(
        async (cursor: string | undefined, reading) => {
          if (cursor !== undefined) {
            began.resolve()
            await held.promise
          }
          return page(cursor, reading)
        },
        { key: (note) => note.id },
      )
      .issues({ stamp: Note.commands.stamp })
      .do((note, run, { stamp }) => stamp(note.id as never, { stamp: run.id.slice(0, 13) }))
    await first.close()
    it.hosts.length = 0
    const second = await it.open(paused)
    it.world.advance(hour / 2)
    await began.promise
    expect(Object.values(await stampsIn(it.storage)).flat()).toHaveLength(2)
    await second.close()
    it.hosts.length = 0
    const before = gate.pages
    await it.open(its)
    expect(gate.pages - before).toBe(2)
    const once = ['2026-03-02T01']
    expect(await stampsIn(it.storage)).toEqual({ a: once, b: once, c: once, d: once, e: once })
    expect((await statusOf(it)).last).toMatchObject({ state: 'done', done: 5 })
  })

  it('is taken over when its process is gone without a word, and what that stores later is refused', async () => {
    const it = opened()
    const { gate, its } = gated({ on: every('1h') })
    const held = Promise.withResolvers<void>()
    gate.open = held.promise
    const first = await it.open(its)
    await write(first, 'a', 'b', 'c')
    it.world.advance(hour / 2)
    await turn()
    expect(gate.pages).toBe(1)
    // The process hangs: it renews nothing, and wakes up when another one has done its work.
    const store = await it.storage.openContext('Desk')
    await store.dropLease(
      'job:stamp all notes',
      (await store.readLease('job:stamp all notes'))?.holder as string,
    )
    const other = gated({ on: every('1h') })
    it.hosts.length = 0
    await it.open(other.its)
    expect((await statusOf(it)).last).toMatchObject({ state: 'done', done: 3 })
    held.resolve()
    await first.settled()
    const once = ['2026-03-02T01']
    expect(await stampsIn(it.storage)).toEqual({ a: once, b: once, c: once })
    await first.close()
  })

  it('never overlaps with another one of its job', async () => {
    const it = opened()
    const { gate, its } = gated({ on: every('10s') })
    const held = Promise.withResolvers<void>()
    gate.open = held.promise
    const host = await it.open(its)
    await it.open(its)
    await write(host, 'a')
    // In steps that let leases be renewed, as they are where time goes by.
    const wait = async (seconds: number): Promise<void> => {
      for (let i = 0; i < seconds; i += 2) {
        it.world.advance(2000)
        await turn()
      }
    }
    await wait(10)
    expect(gate.pages).toBe(1)
    await wait(30)
    expect(gate.pages).toBe(1)
    expect(await statusOf(it)).toMatchObject({ state: 'running', run: { run: '2026-03-02T00:30:10.000Z' } })
    held.resolve()
    await it.pass(0)
    await it.pass(0)
    // The first has ended, and one more makes up for the three that came due meanwhile.
    expect((await statusOf(it)).last).toMatchObject({
      run: '2026-03-02T00:30:40.000Z',
      since: new Date('2026-03-02T00:30:20Z'),
    })
    expect((await stampsIn(it.storage))['a']).toHaveLength(2)
  })

  it('that does not end within its limit has failed, and its reading is told', async () => {
    const it = opened()
    const { gate, its } = gated({ on: every('1h'), limit: '10m' })
    gate.open = new Promise(() => undefined)
    const host = await it.open(its)
    await write(host, 'a')
    it.world.advance(hour / 2)
    await turn()
    expect(gate.pages).toBe(1)
    await it.pass(10 * 60_000)
    expect(await statusOf(it)).toMatchObject({
      state: 'failed',
      run: null,
      last: { state: 'failed', error: { code: 'DURE_JOB_LIMIT' } },
    })
    expect(gate.signals[0]?.aborted).toBe(true)
    expect(it.lines.filter((line) => line.level === 'error')).toMatchObject([
      { message: 'job run failed', fields: { code: 'DURE_JOB_LIMIT', job: 'stamp all notes' } },
    ])
  })

  it('is tried again with growing pauses, and done at last', async () => {
    const it = opened()
    const { gate, its } = gated({ on: every('1h') })
    gate.fails = 3
    const host = await it.open(its)
    await write(host, 'a')
    await it.pass(hour / 2)
    expect(await statusOf(it)).toMatchObject({
      state: 'failing',
      run: { tries: 1, error: { code: 'DURE_JOB_FAILED', reason: expect.stringContaining('no paper') } },
    })
    await it.pass(1500)
    await it.pass(6000)
    expect(await statusOf(it)).toMatchObject({ state: 'failing', run: { tries: 3 } })
    await it.pass(35_000)
    expect(await statusOf(it)).toMatchObject({ state: 'idle', last: { state: 'done', tries: 0 } })
  })

  it('has failed after its tries, names the item, and goes on at its cursor when it is resumed', async () => {
    const it = opened()
    const its = stampAll({ on: every('1h'), tries: 2 })
    const host = await it.open(its)
    await write(host, 'a', 'b', 'c')
    const rows = new TaskRows(await it.storage.openContext('Desk'), it.world)
    const ids = (await (await it.storage.openContext('Desk')).openLog(0).next(100)).map((e) => e.stream.id)
    const last = ids.toSorted().at(-1) as string
    await host.client({ actor: 'test' }).insist(Desk.commands.lock, { id: last })
    await it.pass(hour / 2)
    await it.pass(2000)
    const failed = (await statusOf(it)).last
    expect(failed).toMatchObject({
      state: 'failed',
      done: 2,
      error: { code: 'DURE_JOB_REJECTED', item: last },
    })
    expect(Object.values(await stampsIn(it.storage)).flat()).toHaveLength(2)
    const requests = new Requests(rows.store, it.world)
    await expect(requests.resume(its.definition, 'no such run')).rejects.toMatchObject({
      code: 'DURE_JOB_RUN_UNKNOWN',
    })
    expect(await requests.skip(its.definition, last)).toBe(failed?.run)
    await it.pass(2000)
    expect((await statusOf(it)).last).toMatchObject({ run: failed?.run, state: 'done', done: 3 })
    expect(Object.values(await stampsIn(it.storage)).flat()).toHaveLength(2)
    await expect(requests.resume(its.definition)).rejects.toMatchObject({ code: 'DURE_JOB_RUN_STATE' })
  })

  it('passes over what the domain refuses, where the job says so', async () => {
    const it = opened()
    const its = stampAll().rejected((no) => {
      expect(no).toMatchObject({ command: 'stamp', rejected: 'Locked' })
      return []
    })
    const host = await it.open(its)
    await write(host, 'a', 'b')
    const [locked] = await (await it.storage.openContext('Desk')).openLog(0).next(100)
    await host.client({ actor: 'test' }).insist(Desk.commands.lock, { id: locked?.stream.id as string })
    await it.pass(hour / 2)
    expect(await stampsIn(it.storage)).toEqual({ a: [], b: ['2026-03-02T01:00:00.000Z'] })
  })

  it('that a page leads in a circle has failed by name', async () => {
    const it = opened()
    const its = job('round and round', { on: every('1h'), tries: 1 })
      .reads(() => ({ items: [{ id: 'x' }], next: 'here' }), { key: (x) => x.id })
      .issues({ write: Note.commands.write })
      .do((x, _, { write: note }) => note({ text: x.id }))
    await it.open(its)
    await it.pass(hour / 2)
    expect((await statusOf(it)).last?.error).toMatchObject({
      code: 'DURE_JOB_PAGE',
      reason: expect.stringContaining('"here"'),
    })
  })

  it('that somebody cancels stops, and keeps what it has stored', async () => {
    const it = opened()
    const { gate, its } = gated({ on: every('1h') })
    const host = await it.open(its)
    await write(host, 'a', 'b', 'c')
    gate.open = new Promise(() => undefined)
    it.world.advance(hour / 2)
    await turn()
    expect(gate.pages).toBe(1)
    const store = await it.storage.openContext('Desk')
    await new Requests(store, it.world).cancel(its.definition)
    await it.pass(2000)
    expect(await statusOf(it)).toMatchObject({ state: 'idle', run: null, last: { state: 'cancelled' } })
    expect(gate.signals[0]?.aborted).toBe(true)
  })
})
