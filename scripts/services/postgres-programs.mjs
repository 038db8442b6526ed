import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { Complaint } from '../bootstrap/complaint.mjs'
import { isRoot, run } from './run.mjs'

/** The oldest PostgreSQL that Dure supports. */
const OLDEST = 15

/** The folder of initdb, pg_ctl and postgres of the newest PostgreSQL here; installs Debian's when there is none. */
export async function postgresPrograms(say) {
  const found = await newest()
  if (found) return found
  const isDebian = existsSync('/usr/bin/apt-get')
  if (!isRoot || !isDebian) {
    throw new Complaint(
      'DURE_REPO_NO_POSTGRES',
      `no PostgreSQL ${OLDEST} or newer is installed here`,
      isDebian ? 'run: sudo apt-get install postgresql' : 'install PostgreSQL so that pg_ctl is on the PATH',
    )
  }
  say('installing it from Debian (none is here) …')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'postgresql']]) {
    const { code, output } = await run('apt-get', args, { env })
    if (code !== 0) {
      throw new Complaint(
        'DURE_REPO_NO_POSTGRES',
        `apt-get ${args[0]} ended with ${code}:\n${output}`,
        'try again',
      )
    }
  }
  const installed = await newest()
  if (installed) return installed
  throw new Complaint(
    'DURE_REPO_NO_POSTGRES',
    `Debian's PostgreSQL is older than ${OLDEST}`,
    'use a newer Debian',
  )
}

async function newest() {
  let best
  for (const folder of candidates()) {
    const { code, output } = await run(join(folder, 'pg_ctl'), ['--version'])
    const major = code === 0 ? Number(/ (\d+)/.exec(output)?.[1]) : 0
    if (major >= OLDEST && existsSync(join(folder, 'initdb')) && !(best?.major >= major))
      best = { folder, major }
  }
  return best?.folder
}

function candidates() {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian)
    ? readdirSync(debian).map((version) => join(debian, version, 'bin'))
    : []
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'pg_ctl'))
  // pg_ctl on the PATH may be a link, and initdb and postgres lie beside what it points at.
  const linked = onPath.filter((file) => existsSync(file)).map((file) => dirname(realpathSync(file)))
  return [...new Set([...versions, ...linked])].filter((folder) => existsSync(join(folder, 'pg_ctl')))
}
