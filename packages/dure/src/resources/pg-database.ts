import { fault } from '../kernel/errors/fault.ts'
import type { Database, SqlQueries } from '../model/attached/clients.ts'
import type { Connected } from './attachments.ts'
import { codeOf, unavailable } from './within.ts'

interface DatabaseOptions {
  readonly name: string
  readonly url: string
  readonly timeoutMs: number
}

/** SQLSTATE classes and codes after which the same may succeed later. */
const PASSING = /^(08|53|57|40)/

/** Another PostgreSQL. @throws DURE_STORE_DRIVER_MISSING */
export async function pgDatabase({ name, url, timeoutMs }: DatabaseOptions): Promise<Connected<Database>> {
  const { default: pg } = await import('pg').catch((error: unknown) => {
    throw fault('DURE_STORE_DRIVER_MISSING', { package: 'pg', needed: `the database ${name}` }, error)
  })
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs + 1000,
    statement_timeout: timeoutMs,
  })
  // An idle connection that is lost is replaced at the next use.
  pool.on('error', () => undefined)
  const over = (target: SqlClient): SqlQueries => ({
    async query(statement, values = []) {
      try {
        return (await target.query(statement, [...values])).rows
      } catch (error) {
        throw problem(name, error)
      }
    },
  })
  const client: Database = {
    ...over(pool),
    async transaction(work) {
      const connection = await pool.connect().catch((error: unknown) => {
        throw problem(name, error)
      })
      const sql = over(connection)
      let broken = false
      try {
        await sql.query('begin')
        const result = await work(sql)
        await sql.query('commit')
        return result
      } catch (error) {
        await connection.query('rollback').catch(() => (broken = true))
        throw error
      } finally {
        connection.release(broken)
      }
    },
  }
  return {
    client,
    ping: async () => void (await client.query('select 1')),
    close: () => pool.end(),
  }
}

interface SqlClient {
  query(statement: string, values: unknown[]): Promise<{ readonly rows: Record<string, unknown>[] }>
}

// The message of PostgreSQL may hold values, so only its code is told; the cause has the rest.
function problem(resource: string, error: unknown): Error {
  const code = codeOf(error)
  const known = /^[0-9A-Z]{5}$/.test(code) && (error as { readonly severity?: string }).severity !== undefined
  if (known && !PASSING.test(code)) {
    return fault('DURE_RESOURCE_REFUSED', { resource, reason: `SQLSTATE ${code}` }, error)
  }
  return unavailable(resource, known ? `SQLSTATE ${code}` : code, error)
}
