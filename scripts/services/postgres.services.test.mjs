import pg from 'pg'
import { describe, expect, it } from 'vitest'

describe('the PostgreSQL of npm run services', () => {
  it('answers, is 15 or newer, and syncs what it commits', async () => {
    const client = new pg.Client({ connectionString: process.env['DURE_TEST_POSTGRES_URL'] })
    await client.connect()
    const { rows } = await client.query(
      "select current_setting('server_version_num')::int as version, current_setting('fsync') as fsync",
    )
    await client.end()
    expect(rows[0].version).toBeGreaterThanOrEqual(150_000)
    expect(rows[0].fsync).toBe('on')
  })
})
