import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { createDatabase, lateHarness, type TestDatabase } from '../../../test/fixtures/postgres-database.ts'
import { tryPostgres } from '../../../test/fixtures/postgres-tries.ts'
import { fuzzKept, fuzzStores } from '../../../test/fixtures/storage-fuzz.ts'
import { places, readUntil } from '../../testing/conformance/harness.ts'
import { storageConformance } from '../../testing/conformance/index.ts'
import { memoryStorage } from '../memory/index.ts'
import { embeddedStorage, type EmbeddedStorage } from './embedded-storage.ts'

// A real server on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

// One server for the file; a database of its own in it, so that pools can come and go.
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

describe('storage conformance', () => {
  storageConformance(
    lateHarness('embedded', () => database),
    it,
  )
})

describe('postgres', () => {
  tryPostgres(it, () => database)
})

it('memory and PostgreSQL do the same with any sequence of commits, queries and reads', async () => {
  const storage = database.open()
  const model = await memoryStorage().openContext('Fuzz', fuzzKept)
  const real = await storage.openContext('Fuzz', fuzzKept)
  try {
    await fuzzStores(model, real, 100)
    const expected = places(await model.openLog(0).next(1e6))
    const found = await readUntil(real.openLog(0), (events) => events.length >= expected.length, 1000)
    assert.deepEqual(places(found), expected)
  } finally {
    await storage.close()
  }
})
