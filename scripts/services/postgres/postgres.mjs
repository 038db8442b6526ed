import { appendFileSync, chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Complaint } from '../../bootstrap/complaint.mjs'
import { account } from '../process/account.mjs'
import { createInstance } from '../process/instance.mjs'
import { run } from '../process/run.mjs'
import { postgresPrograms } from './programs.mjs'

// fsync stays on: what tests see of speed and of a crash is what production has.
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  wal_level: 'logical',
  fsync: 'on',
}

/**
 * A PostgreSQL of its own port and folder, with the superuser `postgres`, who needs no password; the machine's own
 * clusters are never touched. `settings` go into postgresql.conf on top of Dure's when the data is made. `through` stands
 * before the server's command: `['env', 'NAME=value']`.
 */
export function createPostgres({ major, settings = {}, through = [], ...place }) {
  return createInstance(postgresKind(major, settings, through), place)
}

export const postgresUrl = (port) => `postgres://postgres@127.0.0.1:${port}/postgres`

/** Resolves to the version of the server that answers `select`, or undefined. */
export async function probePostgres(url) {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  // A server that goes away in the middle is one that does not answer.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query(`select current_setting('server_version') as version`)
    return rows[0].version.split(' ')[0]
  } catch {
    return undefined
  } finally {
    await client.end().catch(() => undefined)
  }
}

function postgresKind(major, settings, through) {
  const { before, owner } = account()
  return {
    name: `postgres-${major}`,
    programs: (say) => postgresPrograms(major, say),
    async prepare({ data, programs }) {
      mkdirSync(data, { recursive: true })
      if (owner) chownSync(data, owner.uid, owner.gid)
      const options = [
        '--username=postgres',
        '--auth=trust',
        '--encoding=UTF8',
        '--no-locale',
        '--data-checksums',
      ]
      const [command, ...args] = [...before, programs.initdb, ...options, '-D', data]
      const { code, output } = await run(command, args)
      if (code !== 0) {
        throw new Complaint('DURE_REPO_POSTGRES_SETUP', `initdb ended with ${code}:\n${output}`, 'see above')
      }
      const lines = Object.entries({ ...SETTINGS, ...settings }).map(
        ([name, value]) => `${name} = '${value}'\n`,
      )
      appendFileSync(join(data, 'postgresql.conf'), lines.join(''))
    },
    command: ({ data, port, programs }) => [
      ...before,
      ...through,
      programs.postgres,
      '-D',
      data,
      '-p',
      String(port),
    ],
    // A fast shutdown: transactions are rolled back, and nothing is left to recover.
    stopSignal: 'SIGINT',
    urlOf: postgresUrl,
    probe: probePostgres,
  }
}
