import { createHash } from 'node:crypto'
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Complaint } from '../bootstrap/complaint.mjs'
import { folder } from './folder.mjs'
import { postgresPrograms } from './postgres-programs.mjs'
import { isRoot, run } from './run.mjs'

const stateFile = join(folder, 'postgres.json')

// PostgreSQL refuses to run as root; the Debian package brings this user.
const user = isRoot ? 'postgres' : undefined

// fsync stays on: what tests see of speed and of a crash is what production has.
const settings = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
wal_level = logical
fsync = on
`

/** A PostgreSQL of its own port and data folder; the machine's own clusters are never touched. */
export const postgres = {
  name: 'postgres',
  about: 'PostgreSQL 15 or newer',
  envNames: ['DURE_TEST_POSTGRES_URL'],

  async running() {
    const state = readState()
    return state && (await answers(state)) ? envOf(state) : undefined
  },

  async up(say) {
    const programs = await postgresPrograms(say)
    const state = readState() ?? (await createCluster(programs, say))
    return start(state, say)
  },

  async restart(say) {
    const state = readState()
    if (!state) return this.up(say)
    await stop(state, say)
    return start(state, say)
  },

  async down(say) {
    const state = readState()
    if (!state) return
    await stop(state, say)
    rmSync(state.home, { recursive: true, force: true })
    rmSync(stateFile, { force: true })
  },
}

function readState() {
  return existsSync(stateFile) ? JSON.parse(readFileSync(stateFile, 'utf8')) : undefined
}

const url = ({ port }) => `postgres://postgres@127.0.0.1:${port}/postgres`
const envOf = (state) => ({ DURE_TEST_POSTGRES_URL: url(state) })
const dataOf = (state) => join(state.home, 'data')

async function createCluster(programs, say) {
  const home = await enterableHome()
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  if (user) chownSync(home, ...(await idsOf(user)))
  const state = { home, programs, port: await freePort() }
  say(`creating a cluster in ${home} …`)
  const options = [
    '--username=postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--no-locale',
    '--data-checksums',
  ]
  await must('initdb', run(join(programs, 'initdb'), [...options, '-D', dataOf(state)], { user }))
  appendFileSync(join(dataOf(state), 'postgresql.conf'), settings)
  writeFileSync(stateFile, `${JSON.stringify(state, null, 2)}\n`)
  return state
}

/** A folder the server's user can reach: a clone under /root, say, is closed to everyone else. */
async function enterableHome() {
  mkdirSync(folder, { recursive: true })
  const { code } = await run('test', ['-x', folder], { user })
  if (code === 0) return join(folder, 'postgres')
  return `/var/tmp/dure-services-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`
}

async function start(state, say) {
  if (!(await answers(state))) {
    say(`starting on port ${state.port} …`)
    const log = join(state.home, 'server.log')
    // The server keeps its parent's output open: a pipe there would never end.
    const options = { user, stdio: 'ignore' }
    const args = ['start', '-w', '-t', '30', '-D', dataOf(state), '-l', log, '-o', `-p ${state.port}`]
    const { code } = await run(join(state.programs, 'pg_ctl'), args, options)
    if (code !== 0 || !(await answers(state))) {
      throw new Complaint(
        'DURE_REPO_POSTGRES_START',
        `it does not answer:\n${lastLines(log)}`,
        'npm run services -- down, then up',
      )
    }
  }
  return envOf(state)
}

async function stop(state, say) {
  const pgCtl = join(state.programs, 'pg_ctl')
  const { code } = await run(pgCtl, ['status', '-D', dataOf(state)], { user })
  if (code !== 0) return
  say('stopping …')
  const fast = await run(pgCtl, ['stop', '-w', '-t', '20', '-m', 'fast', '-D', dataOf(state)], { user })
  if (fast.code !== 0)
    await must('pg_ctl stop', run(pgCtl, ['stop', '-w', '-m', 'immediate', '-D', dataOf(state)], { user }))
}

async function answers(state) {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url(state), connectionTimeoutMillis: 2_000 })
  try {
    await client.connect()
    return (await client.query('select 1 as one')).rows[0].one === 1
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

async function must(what, running) {
  const { code, output } = await running
  if (code !== 0)
    throw new Complaint('DURE_REPO_POSTGRES_SETUP', `${what} ended with ${code}:\n${output}`, 'see above')
}

async function idsOf(name) {
  const ask = async (flag) => Number((await run('id', [flag, name])).output)
  return [await ask('-u'), await ask('-g')]
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

function lastLines(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(-12).join('\n') : 'it wrote no log'
}
