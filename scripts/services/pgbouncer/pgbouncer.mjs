import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { probePostgres, postgresUrl } from '../postgres/postgres.mjs'
import { account } from '../process/account.mjs'
import { createInstance } from '../process/instance.mjs'
import { pgbouncerProgram } from './program.mjs'

/**
 * A PgBouncer that pools transactions, in front of the PostgreSQL at `target`: a URL, or a function that resolves to one
 * at each start. `version` is `1.24`, or `1.18`, which knows nothing of prepared statements. `settings` go into the
 * section [pgbouncer] of its configuration at each start.
 */
export function createPgbouncer({ version = '1.24', target, settings = {}, ...place }) {
  return createInstance(pgbouncerKind(version, target, settings), place)
}

function pgbouncerKind(version, target, settings) {
  const { before, owner } = account()
  return {
    name: version === '1.24' ? 'pgbouncer' : `pgbouncer-${version}`,
    programs: (say) => pgbouncerProgram(version, say),
    prepare({ data }) {
      mkdirSync(data, { recursive: true })
      // Its user has no password, as in the server behind.
      writeFileSync(join(data, 'users.txt'), '"postgres" ""\n')
      if (owner) chownSync(data, owner.uid, owner.gid)
    },
    async command({ data, port, programs }) {
      const { hostname, port: behind } = new URL(typeof target === 'function' ? await target() : target)
      const all = {
        listen_addr: '127.0.0.1',
        listen_port: port,
        unix_socket_dir: '',
        auth_type: 'trust',
        auth_file: join(data, 'users.txt'),
        // May ask for the version.
        stats_users: 'postgres',
        pool_mode: 'transaction',
        // Few servers for many clients, so that transactions of one client really meet different ones.
        default_pool_size: 20,
        max_client_conn: 500,
        ...(version === '1.24' && { max_prepared_statements: 200 }),
        ...settings,
      }
      const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}\n`)
      const file = join(data, 'pgbouncer.ini')
      writeFileSync(
        file,
        `[databases]\n* = host=${hostname} port=${behind}\n\n[pgbouncer]\n${lines.join('')}`,
      )
      return [...before, ...programs, file]
    },
    // The others wait for clients, each in its own way from version to version.
    stopSignal: 'SIGQUIT',
    urlOf: postgresUrl,
    probe: probePgbouncer,
  }
}

/** Resolves to the version of PgBouncer, once it passes on to the server behind. */
export async function probePgbouncer(url) {
  if ((await probePostgres(url)) === undefined) return undefined
  const { default: pg } = await import('pg')
  const console = new URL(url)
  console.pathname = 'pgbouncer'
  const client = new pg.Client({ connectionString: console.href, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query('show version')
    return /[\d.]+/.exec(rows[0].version)[0]
  } catch {
    return undefined
  } finally {
    await client.end().catch(() => undefined)
  }
}
