import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContextStore, StoredEvent } from 'dure/ports'
import { quoted, schemaName } from '../../src/adapters/postgres/schema-name.ts'
import { createDatabase, type TestDatabase } from '../fixtures/postgres-database.ts'

const servers = { 'PostgreSQL 15': 'DURE_TEST_POSTGRES_URL', 'PostgreSQL 18': 'DURE_TEST_POSTGRES_18_URL' }

const meta = { command: 'c', actor: 'a', correlation: 'r' }

function append(store: ContextStore, id: string, type = 'Quick') {
  const stream = { tenant: '', aggregate: 'Order', id }
  const events = [{ type, schema: 1, data: { id } }]
  return store.commit({ at: new Date(), meta, appends: [{ stream, expected: 0, events, ends: false }] })
}

describe.each(Object.entries(servers))('the settled mark on %s', (_, variable) => {
  let database: TestDatabase
  beforeAll(async () => {
    const connectionString = process.env[variable]
    if (connectionString === undefined) throw new Error(`${variable} is not set: npm run services -- up`)
    database = await createDatabase({ connectionString })
  })
  afterAll(() => database?.drop())

  it('waits for an append that a trigger holds back for two seconds, while a thousand others commit', async () => {
    await using storage = opened(database)
    const store = await storage.openContext('Held')
    const schema = quoted(schemaName('Held', ''))
    await database.pool.query(`
      create function ${schema}.hold() returns trigger language plpgsql as $$
        begin if new.type = 'Slow' then perform pg_sleep(2); end if; return new; end $$;
      create trigger hold before insert on ${schema}.events for each row execute function ${schema}.hold()`)
    const reader = store.openLog(0)
    const read: StoredEvent[] = []
    const began = performance.now()
    const slow = append(store, 'slow', 'Slow').then(() => performance.now() - began)
    await pause(100)
    for (let i = 0; i < 1000; i += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, j) => append(store, `quick-${i + j}`)))
      read.push(...(await reader.next(500)))
    }
    const quickMs = performance.now() - began
    // Nobody overtakes the one whose position was drawn first: a cursor that did would never come back for it.
    const overtaking = quickMs < 1900 ? read.filter((it) => it.position > 1) : []
    expect(overtaking).toEqual([])
    const heldMs = await slow
    expect(heldMs).toBeGreaterThan(1900)
    while (read.length < 1001) {
      const events = await reader.next(500)
      read.push(...events)
      if (events.length === 0) await pause(5)
    }
    expect(new Set(read.map((it) => it.stream.id)).size).toBe(1001)
    const positions = read.map((it) => it.position)
    expect(positions).toEqual(positions.toSorted((a, b) => a - b))
    expect(read.find((it) => it.stream.id === 'slow')?.position).toBe(positions[0])
  })

  it('is held back by no long write elsewhere in the database', async () => {
    await using storage = opened(database)
    const store = await storage.openContext('Beside')
    await database.pool.query('create table elsewhere (n int)')
    const other = await database.pool.connect()
    try {
      await other.query('begin')
      await other.query('insert into elsewhere values (1)')
      await append(store, 'a')
      await other.query('insert into elsewhere values (2)')
      await append(store, 'b')
      const reader = store.openLog(0)
      const read = [...(await reader.next(10)), ...(await reader.next(10))]
      expect(read.map((it) => it.stream.id)).toEqual(['a', 'b'])
    } finally {
      await other.query('rollback')
      other.release()
    }
  })
})

function opened(database: TestDatabase) {
  const storage = database.open()
  return { ...storage, [Symbol.asyncDispose]: () => storage.close() }
}
