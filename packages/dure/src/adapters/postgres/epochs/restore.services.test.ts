import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { rejects } from '../../../../test/fixtures/postgres-tries/support.ts'
import { OwnServer } from '../../../../test/fixtures/own-server.ts'
import { isDureError } from '../../../kernel/error.ts'
import type { StoredEvent } from '../../../ports/event-store.ts'
import type { ContextStore, Storage } from '../../../ports/store.ts'
import { freshName, order, readUntil, unit } from '../../../testing/conformance/harness.ts'
import { postgresStorage } from '../index.ts'

// With servers of its own, because they are stopped, put back and promoted.
let server: OwnServer

beforeAll(async () => {
  server = await OwnServer.create()
})

afterAll(() => server?.remove())

type Time = 'copied' | 'lost' | 'new'

interface Shared {
  time: Time
  on: boolean
}

function opened(database = 'postgres'): Storage {
  const pool = new pg.Pool({ ...server.config, database, max: 6 })
  pool.on('error', () => undefined)
  return postgresStorage({ pool, ownsPool: true })
}

/** Appends one event after the other to a stream of its own; each tells the time in which it was asked for. */
async function write(store: ContextStore, id: string, shared: Shared): Promise<number> {
  let [version, stored] = [0, 0]
  while (shared.on) {
    const { time } = shared
    const events = [{ type: 'T', schema: 1, data: { time } }]
    try {
      const append = { stream: order(id), expected: version, events, ends: false }
      const outcome = await store.commit(unit([append]))
      if (outcome.ok) {
        version++
        if (time === 'new') stored++
      } else version = (await store.readStream(order(id))).version
    } catch (error) {
      if (!isDureError(error, 'DURE_STORE_UNAVAILABLE') && !isDureError(error, 'DURE_STORE_REFUSED'))
        throw error
      await pause(3)
      version = await store.readStream(order(id)).then(
        (it) => it.version,
        () => version,
      )
    }
    await pause(0)
  }
  return stored
}

/** Follows by epoch and position, as a consumer does: what an epoch does not share is forgotten and read anew. */
async function follow(store: ContextStore, shared: Shared): Promise<StoredEvent[]> {
  let seen: StoredEvent[] = []
  let reader = store.openLog(0)
  let known = store.epochs.length
  for (let quiet = 0; shared.on || quiet < 100;) {
    try {
      const events = await reader.next(50)
      seen.push(...events)
      quiet = events.length > 0 ? 0 : quiet + 1
      if (events.length === 0) await pause(3)
    } catch (error) {
      if (isDureError(error, 'DURE_STORE_EPOCH')) {
        const shares = Math.min(reader.mark, ...store.epochs.slice(known).map((it) => it.began))
        known = store.epochs.length
        seen = seen.filter((it) => it.position <= shares)
        reader = store.openLog(shares)
      } else {
        assert.ok(isDureError(error), String(error))
        await pause(5)
      }
    }
  }
  return seen
}

const timeOf = (it: StoredEvent): Time => it.data['time'] as Time

/**
 * Eight writers, four of them of a process that remembers nothing of the time that is lost, and a follower. Returns how many
 * events were stored after the restore.
 */
async function storedAfter(
  makeCopy: () => Promise<void>,
  restore: (isDown: () => void) => Promise<void>,
  options: { readonly database?: string; readonly forgetful: boolean },
): Promise<number> {
  const [first, second] = [opened(options.database), opened(options.database)]
  const name = freshName()
  const shared: Shared = { time: 'copied', on: true }
  try {
    const remembering = await first.openContext(name)
    const epoch = remembering.epoch
    const writing = [0, 1, 2, 3].map((i) => write(remembering, `r${i}`, shared))
    const following = follow(remembering, shared)
    const forgetful = await second.openContext(name)
    await pause(200)
    await makeCopy()
    shared.time = 'lost'
    await pause(300)
    const lost = await readUntil(remembering.openLog(0), (it) => it.some((each) => timeOf(each) === 'lost'))
    assert.ok(lost.some((it) => timeOf(it) === 'lost'))
    if (options.forgetful) writing.push(...[0, 1, 2, 3].map((i) => write(forgetful, `f${i}`, shared)))
    else writing.push(...[4, 5, 6, 7].map((i) => write(remembering, `r${i}`, shared)))
    await restore(() => (shared.time = 'new'))
    await pause(500)
    shared.on = false
    const stored = (await Promise.all(writing)).reduce((sum, it) => sum + it, 0)
    const seen = await following

    for (const store of [remembering, await second.openContext(name)]) {
      assert.equal(store.epochs.length, 2, JSON.stringify(store.epochs))
      assert.equal(store.epochs[0]?.epoch, epoch)
    }
    const began = remembering.epochs[1]?.began ?? 0
    const log = await readUntil(remembering.openLog(0), (it) => it.filter(isNew).length >= stored)
    const late = log.filter((it) => isNew(it) && it.position <= began)
    assert.deepEqual(late, [])
    assert.ok(log.filter(isNew).length >= stored && stored > 0)
    assert.ok(log.some((it) => timeOf(it) === 'copied'))
    assert.deepEqual(
      seen.map((it) => it.position),
      log.map((it) => it.position),
    )
    assert.deepEqual(seen, log)
    return stored
  } finally {
    shared.on = false
    await Promise.all([first.close(), second.close()])
  }
}

function isNew(it: StoredEvent): boolean {
  return timeOf(it) === 'new'
}

async function copy(): Promise<void> {
  await server.stop()
  await server.copy()
  await server.start()
}

async function putBack(isDown: () => void, signal?: 'recovery' | 'standby'): Promise<void> {
  await server.stop()
  await server.putBack(signal)
  isDown()
  await server.start()
}

async function takeOver(isDown: () => void): Promise<void> {
  await putBack(isDown, 'standby')
  await pause(200)
  await admin('select pg_promote()')
}

describe('a log that is put back while eight writers append and a reader follows', () => {
  it('recovered to a point in time', async () => {
    const stored = await storedAfter(copy, (isDown) => putBack(isDown, 'recovery'), { forgetful: true })
    assert.notEqual(stored, 0)
  })

  it('a standby takes over, and is asked before it has', async () => {
    assert.notEqual(await storedAfter(copy, takeOver, { forgetful: true }), 0)
  })

  it('the folder put back as it was, which only who remembers can see', async () => {
    assert.notEqual(await storedAfter(copy, putBack, { forgetful: false }), 0)
  })

  it('a database made from a copy under the old name', async () => {
    await admin('create database shop')
    const copied = async (): Promise<void> => {
      await admin('alter database shop allow_connections false')
      await admin(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = 'shop'`)
      await admin('create database shop_copy template shop')
      await admin('alter database shop allow_connections true')
    }
    const restore = async (isDown: () => void): Promise<void> => {
      await admin('drop database shop with (force)')
      isDown()
      await admin('alter database shop_copy rename to shop')
    }
    assert.notEqual(await storedAfter(copied, restore, { database: 'shop', forgetful: true }), 0)
  })
})

it('a standby is not used, and says so', async () => {
  const name = freshName()
  const storage = opened()
  await storage.openContext(name)
  await server.stop()
  await server.copy()
  await server.putBack('standby')
  await server.start()
  const other = opened()
  await rejects(other.openContext(name), 'DURE_STORE_READ_ONLY')
  await rejects(storage.maintain(), 'DURE_STORE_UNAVAILABLE')
  await admin('select pg_promote()')
  const store = await other.openContext(name)
  assert.equal(store.epochs.length, 2)
  assert.equal(store.epochs[1]?.began, 0)
  await Promise.all([storage.close(), other.close()])
})

async function admin(sql: string): Promise<void> {
  const client = new pg.Client(server.config)
  await client.connect()
  await client.query(sql).finally(() => client.end())
}
