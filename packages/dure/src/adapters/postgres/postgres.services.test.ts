import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../test/fixtures/postgres-database.ts'
import { type StorageHarness, storageConformance } from '../../testing/conformance/index.ts'

// Against a server that somebody runs: `npm run services -- up` starts one.
let database: TestDatabase

beforeAll(async () => {
  const url = process.env['DURE_TEST_POSTGRES_URL']
  assert.ok(url, 'DURE_TEST_POSTGRES_URL is not set: npm run services -- up')
  database = await createDatabase({ connectionString: url }, 'postgres')
})

afterAll(() => database?.drop())

describe('storage conformance', () => {
  const harness: StorageHarness = {
    name: 'postgres',
    durable: true,
    open: () => database.harness.open(),
    beginHandler: (context) => database.harness.beginHandler!(context),
  }
  storageConformance(harness, it)
})
