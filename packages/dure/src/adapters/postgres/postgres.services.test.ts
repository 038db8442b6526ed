import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createDatabase, lateHarness, type TestDatabase } from '../../../test/fixtures/postgres-database.ts'
import { tryManyWritersFor, tryPostgres } from '../../../test/fixtures/postgres-tries.ts'
import { storageConformance } from '../../testing/conformance/index.ts'

// Against servers that somebody runs: `npm run services -- up` starts them.
describe.each([
  { server: 'PostgreSQL 15', variable: 'DURE_TEST_POSTGRES_URL' },
  { server: 'PostgreSQL 18', variable: 'DURE_TEST_POSTGRES_18_URL' },
])('$server', ({ variable }) => {
  let database: TestDatabase

  beforeAll(async () => {
    const url = process.env[variable]
    assert.ok(url, `${variable} is not set: npm run services -- up`)
    database = await createDatabase({ connectionString: url })
  })

  afterAll(() => database?.drop())

  describe('storage conformance', () => {
    storageConformance(
      lateHarness('postgres', () => database),
      it,
    )
  })

  describe('postgres', () => {
    tryPostgres(it, () => database)
    tryManyWritersFor(4000, it, () => database)
  })
})
