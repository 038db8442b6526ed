import { existsSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { Complaint } from '../../bootstrap/complaint.mjs'
import { candidate, installPackage, isDebian } from '../process/debian.mjs'
import { isRoot, run } from '../process/run.mjs'

/** The major version that npm brings for the embedded database. */
const OF_NPM = 18

/** Paths of `initdb` and `postgres` of a major version; installs Debian's when there is none. */
export async function postgresPrograms(major, say) {
  const found = (await installed(major)) ?? (await ofNpm(major))
  if (found) return found
  const name = `postgresql-${major}`
  if (!isRoot || !(await candidate(name))) {
    throw new Complaint(
      'DURE_REPO_NO_POSTGRES',
      `no PostgreSQL ${major} is installed here`,
      isDebian
        ? `run: sudo apt-get install ${name}; or start Docker`
        : `put PostgreSQL ${major} on the PATH, or start Docker`,
    )
  }
  await installPackage(name, say)
  const programs = await installed(major)
  if (programs) return programs
  throw new Complaint('DURE_REPO_NO_POSTGRES', `Debian's ${name} brought no server`, 'start Docker')
}

async function installed(major) {
  for (const folder of candidates(major)) {
    const programs = { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') }
    if (!existsSync(programs.initdb) || !existsSync(programs.postgres)) continue
    const { code, output } = await run(programs.postgres, ['--version'])
    if (code === 0 && Number(/ (\d+)/.exec(output)?.[1]) === major) return programs
  }
  return undefined
}

function candidates(major) {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'initdb'))
  // initdb on the PATH may be a link, and postgres lies beside what it points at.
  const linked = onPath.filter((file) => existsSync(file)).map((file) => dirname(realpathSync(file)))
  return [`/usr/lib/postgresql/${major}/bin`, ...linked]
}

async function ofNpm(major) {
  if (major !== OF_NPM) return undefined
  // The adapter knows where npm puts them, and mends what npm leaves undone.
  const { findBinaries } = await import('../../../packages/dure/src/adapters/embedded/binaries.ts')
  try {
    const { initdb, postgres, major: found } = findBinaries()
    return Number(found) === major ? { initdb, postgres } : undefined
  } catch (error) {
    throw new Complaint('DURE_REPO_NO_POSTGRES', error.message, 'run npm install; or start Docker')
  }
}
