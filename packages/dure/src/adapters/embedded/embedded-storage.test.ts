import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, it, vi } from 'vitest'
import { type Child, processesOn, startChild } from '../../../test/fixtures/embedded-child.ts'
import { isDureError } from '../../kernel/error.ts'
import { commitTo, order } from '../../testing/conformance/harness.ts'
import { embeddedStorage } from './embedded-storage.ts'

// Real processes on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const asRoot = process.getuid?.() === 0
const NOBODY = 65534

let base: string
/** Shared: each test must leave it as usable as it found it. */
let directory: string
const children: Child[] = []

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'dure-test-'))
  await chmod(base, 0o755)
  directory = join(base, 'postgres')
  const storage = await embeddedStorage({ directory })
  await commitTo(await storage.openContext('Ordering'), order('1'), 0)
  await storage.close()
})

afterEach(async () => {
  for (const { process: child, exited } of children.splice(0)) {
    child.kill('SIGKILL')
    await exited
  }
  await gone(directory)
})

afterAll(() => rm(base, { recursive: true, force: true }))

/** A data directory that a test may spoil. */
async function copy(): Promise<string> {
  const spoiled = join(await mkdtemp(join(base, 'copy-')), 'postgres')
  await cp(directory, spoiled, { recursive: true })
  return spoiled
}

function start(...args: Parameters<typeof startChild>): Child {
  const child = startChild(...args)
  children.push(child)
  return child
}

async function rejects(work: Promise<unknown>, code: string): Promise<Readonly<Record<string, unknown>>> {
  let details = {}
  await assert.rejects(work, (error) => {
    assert.ok(isDureError(error), String(error))
    assert.equal(error.code, code, error.message)
    details = error.details
    return true
  })
  return details
}

/** Fails unless every process on the directory ends soon. */
async function gone(on: string): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if ((await processesOn(on)).length === 0) return
    await pause(10)
  }
  assert.fail(`still running: ${(await processesOn(on)).join(', ')}`)
}

async function versionIn(on: string): Promise<number> {
  const storage = await embeddedStorage({ directory: on })
  const store = await storage.openContext('Ordering')
  const { version } = await store.readStream(order('1'))
  await storage.close()
  return version
}

async function postmasterPid(): Promise<number> {
  return Number.parseInt(await readFile(join(directory, 'data/postmaster.pid'), 'utf8'), 10)
}

describe('starting and closing', () => {
  it('makes its folder at the first start, says so, and keeps what was stored', async () => {
    const fresh = join(base, 'fresh/deep/postgres')
    const progress: string[] = []
    const first = await embeddedStorage({ directory: fresh, onProgress: (text) => progress.push(text) })
    assert.equal(progress.length, 1)
    assert.match(progress[0] ?? '', /creating the embedded PostgreSQL in .*fresh/)
    assert.equal(first.name, `embedded ${fresh}`)
    await commitTo(await first.openContext('Ordering'), order('1'), 0)
    await first.close()
    assert.equal(await versionIn(fresh), 1)
    await gone(fresh)
    assert.deepEqual((await readdir(fresh)).toSorted(), ['data', 'postgres.log'])
    assert.equal(existsSync(first.connection.host), false)
  })

  it('lets nobody else connect: the folder of the socket is closed to others, and there is no port', async () => {
    const storage = await embeddedStorage({ directory })
    assert.equal((await stat(storage.connection.host)).mode & 0o777, 0o700)
    assert.equal((await stat(join(directory, 'data'))).mode & 0o077, 0)
    await storage.close()
  })

  it('pays no heed to what the environment says about other servers', async () => {
    const env = {
      PGHOST: 'elsewhere.invalid',
      PGSSLMODE: 'require',
      PGPASSWORD: 'x',
      PGPORT: '1',
      PGUSER: 'x',
      PGDATABASE: 'x',
    }
    const child = start(directory, { env })
    assert.ok(await child.waitFor((it) => it.committed !== undefined))
  })
})

describe('one process at a time', () => {
  it('is in use by this process', async () => {
    const storage = await embeddedStorage({ directory })
    const details = await rejects(embeddedStorage({ directory }), 'DURE_STORE_IN_USE')
    assert.equal(details['pid'], process.pid)
    await storage.ping()
    await storage.close()
  })

  it('is in use by another process, which goes on undisturbed', async () => {
    const child = start(directory)
    const { committed = 0 } = await child.waitFor((it) => it.committed !== undefined)
    const details = await rejects(embeddedStorage({ directory }), 'DURE_STORE_IN_USE')
    assert.equal(details['pid'], child.process.pid)
    assert.ok(await child.waitFor((it) => (it.committed ?? 0) > committed + 10))
  })

  it.runIf(process.platform === 'linux')(
    'is in use in another container, whose processes cannot be seen',
    async () => {
      const holding = ['-c', 'flock "$0" sleep 60', join(directory, 'data/PG_VERSION')]
      const elsewhere = spawn('sh', holding, { detached: true })
      await once(elsewhere, 'spawn')
      await pause(200)
      assert.ok(await rejects(embeddedStorage({ directory }), 'DURE_STORE_IN_USE'))
      process.kill(-(elsewhere.pid ?? 0), 'SIGKILL')
      await once(elsewhere, 'exit')
      assert.ok(await versionIn(directory))
    },
  )

  it('is in use while its server has made postmaster.pid and not yet written it', async () => {
    const storage = await embeddedStorage({ directory })
    const file = join(directory, 'data/postmaster.pid')
    const text = await readFile(file, 'utf8')
    await writeFile(file, '')
    const written = pause(300).then(() => writeFile(file, text))
    const details = await rejects(embeddedStorage({ directory }), 'DURE_STORE_IN_USE')
    assert.equal(details['pid'], process.pid)
    await written
    assert.equal(await readFile(file, 'utf8'), text)
    await storage.close()
  })

  it('of several processes that start at once one wins, and the others name it', async () => {
    const racers = [1, 2, 3, 4].map(() => start(directory))
    await Promise.all(
      racers.map((it) => it.waitFor((said) => said.host !== undefined || said.code !== undefined)),
    )
    const winners = racers.filter((it) => it.said[0]?.host !== undefined)
    assert.equal(winners.length, 1)
    for (const it of racers.filter((each) => !winners.includes(each))) {
      assert.deepEqual(
        [it.said[0]?.code, it.said[0]?.details?.['pid']],
        ['DURE_STORE_IN_USE', winners[0]?.process.pid],
      )
    }
  })
})

describe('ends', () => {
  it('the server ends with a process that is killed, and no acknowledged commit is lost', async () => {
    const child = start(directory)
    await child.waitFor(() => child.said.length >= 50)
    child.process.kill('SIGKILL')
    await child.exited
    const acknowledged = child.said.at(-1)?.committed ?? 0
    // Started at once, while the old server is still on its way out.
    const version = await versionIn(directory)
    assert.ok(
      version === acknowledged || version === acknowledged + 1,
      `${version} found, ${acknowledged} acknowledged`,
    )
    await gone(directory)
  })

  it('the server ends with a process that ends without closing', async () => {
    const child = start(directory, { mode: 'at-once' })
    await child.exited
    assert.equal(child.process.exitCode, 0)
    await gone(directory)
    assert.equal(existsSync(child.said[0]?.host ?? '/'), false)
    assert.equal(await versionIn(directory), child.said.at(-1)?.committed)
  })

  it('Ctrl-C reaches the process and not the server, so that it can finish in good order', async () => {
    const child = start(directory)
    await child.waitFor((it) => it.committed !== undefined)
    process.kill(-(child.process.pid ?? 0), 'SIGINT')
    await child.exited
    assert.equal(child.process.exitCode, 0)
    assert.equal(child.said.at(-1)?.closed, true)
    assert.equal(await versionIn(directory), child.said.at(-2)?.committed)
  })

  it('a server whose process and watchers were all killed is stopped by the next start', async () => {
    const child = start(directory)
    const { committed = 0 } = await child.waitFor((it) => it.committed !== undefined)
    const server = await postmasterPid()
    // It would see its server's supervisor end, and begin to set things right before it is killed itself.
    child.process.kill('SIGSTOP')
    for (const pid of await processesOn(directory)) {
      const args = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      if (args.startsWith('sh\0')) process.kill(pid, 'SIGKILL')
    }
    child.process.kill('SIGKILL')
    await child.exited
    assert.ok((await processesOn(directory)).includes(server))
    assert.ok((await versionIn(directory)) >= committed)
    await gone(directory)
  })

  it('a server that is killed is started again, and what is asked meanwhile fails as unavailable', async () => {
    const progress: string[] = []
    const storage = await embeddedStorage({ directory, onProgress: (text) => progress.push(text) })
    const store = await storage.openContext('Ordering')
    const stream = order('killed')
    await commitTo(store, stream, 0)
    for (let round = 1; round <= 2; round++) {
      process.kill(await postmasterPid(), 'SIGKILL')
      const failures: unknown[] = []
      for (let up = false; !up || failures.length === 0; await pause(5)) {
        up = await storage.ping().then(
          () => true,
          (error: unknown) => {
            assert.ok(isDureError(error, 'DURE_STORE_UNAVAILABLE'), String(error))
            failures.push(error)
            return false
          },
        )
      }
      assert.equal((await commitTo(store, stream, round)).ok, true)
    }
    assert.match(progress[0] ?? '', /ended; starting it again/)
    await storage.close()
    await gone(directory)
  })

  it('closing while the server is being started again ends it for good', async () => {
    const storage = await embeddedStorage({ directory })
    process.kill(await postmasterPid(), 'SIGKILL')
    await pause(30)
    await storage.close()
    await gone(directory)
    assert.deepEqual(await processesOn(directory), [])
  })
})

describe('what it finds', () => {
  it('a stale postmaster.pid that names a foreign process: it starts, and the process lives', async () => {
    const stale = `${process.pid}\n${directory}/data\n1700000000\n5432\n/tmp/dure-abcdef\n\n  1 1\nready\n`
    await writeFile(join(directory, 'data/postmaster.pid'), stale)
    assert.ok(await versionIn(directory))
  })

  it('a first start that was interrupted: it starts over', async () => {
    const spoiled = await copy()
    const started = join(spoiled, `data.new-${2 ** 22 + 1}`)
    await cp(join(spoiled, 'data'), started, { recursive: true })
    await rm(join(spoiled, 'data'), { recursive: true })
    await rm(join(started, 'PG_VERSION'))
    assert.equal(await versionIn(spoiled), 0)
    assert.deepEqual((await readdir(spoiled)).toSorted(), ['data', 'postgres.log'])
  })

  it('data of another major version: refused, untouched', async () => {
    const spoiled = await copy()
    await writeFile(join(spoiled, 'data/PG_VERSION'), '17\n')
    const details = await rejects(embeddedStorage({ directory: spoiled }), 'DURE_STORE_VERSION')
    assert.deepEqual([details['found'], details['needed']], ['17', '18'])
    assert.ok(existsSync(join(spoiled, 'data/global/pg_control')))
  })

  it('files that are no data directory, or a broken one: refused, untouched', async () => {
    const spoiled = await copy()
    await writeFile(join(spoiled, 'data/global/pg_control'), 'broken')
    await rejects(embeddedStorage({ directory: spoiled }), 'DURE_STORE_CORRUPT')
    assert.equal(await readFile(join(spoiled, 'data/global/pg_control'), 'utf8'), 'broken')
    await rm(join(spoiled, 'data/PG_VERSION'))
    await rejects(embeddedStorage({ directory: spoiled }), 'DURE_STORE_CORRUPT')
    assert.ok(existsSync(join(spoiled, 'data/base')))
  })

  it('a file where the folder should be, or a path that is too long: refused', async () => {
    const file = join(base, 'file')
    await writeFile(file, '')
    assert.ok(await rejects(embeddedStorage({ directory: file }), 'DURE_EMBEDDED_DENIED'))
    await rejects(embeddedStorage({ directory: join(file, 'below') }), 'DURE_EMBEDDED_DENIED')
    await rejects(
      embeddedStorage({ directory: join(base, ...Array.from({ length: 5 }, () => 'x'.repeat(200))) }),
      'DURE_EMBEDDED_DENIED',
    )
    await rejects(embeddedStorage({ directory: join(base, 'x'.repeat(300)) }), 'DURE_EMBEDDED_DENIED')
  })

  it('a path with spaces, quotes, percent signs and other scripts: it starts', async () => {
    const odd = join(base, `it's "my" 100% 두레, $HOME;`)
    await cp(directory, odd, { recursive: true })
    assert.ok(await versionIn(odd))
    await gone(odd)
  })
})

// Needs another user to be: run as root, as in most containers.
describe.runIf(asRoot)('root and other users', () => {
  it('an ordinary user comes up in a folder of their own', async () => {
    const own = join(base, 'own')
    await mkdir(own)
    await chown(own, NOBODY, NOBODY)
    const child = start(join(own, 'postgres'), { uid: NOBODY })
    await child.waitFor((it) => (it.committed ?? 0) > 3)
    child.process.kill('SIGINT')
    await child.exited
    // Root finds it later, uses it as its owner, and leaves it to its owner.
    assert.ok((await versionIn(join(own, 'postgres'))) > 3)
    assert.equal((await stat(join(own, 'postgres/data/PG_VERSION'))).uid, NOBODY)
    const again = start(join(own, 'postgres'), { uid: NOBODY })
    await again.waitFor((it) => it.committed !== undefined)
    again.process.kill('SIGINT')
    await again.exited
    await gone(own)
  })

  it("a user is told when the data is root's, or the folder cannot be written", async () => {
    const other = start(directory, { uid: NOBODY })
    const said = await other.waitFor((it) => it.code !== undefined)
    assert.equal(said.code, 'DURE_EMBEDDED_DENIED')
    const nowhere = start(join(base, 'new'), { uid: NOBODY })
    assert.equal((await nowhere.waitFor((it) => it.code !== undefined)).code, 'DURE_EMBEDDED_DENIED')
  })

  it('root comes up below a folder that only root may enter, and the files stay its own', async () => {
    const closed = join(base, 'closed')
    await mkdir(closed, { mode: 0o700 })
    assert.equal(await versionIn(join(closed, 'postgres')), 0)
    assert.equal(await versionIn(join(closed, 'postgres')), 0)
    assert.equal((await stat(join(closed, 'postgres/data'))).uid, 0)
  })
})
