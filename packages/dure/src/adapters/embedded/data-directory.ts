import { execFile } from 'node:child_process'
import { chown, mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { fault } from '../../kernel/errors/fault.ts'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import { isAlive } from './postmaster.ts'

const run = promisify(execFile)

// PostgreSQL keeps paths in buffers of 1024 bytes, names of files within them included.
const MAX_PATH_BYTES = 900

export const SUPERUSER = 'dure'

/** Makes the folder that the data directory and the log lie in. Made by root for somebody, it becomes theirs. */
export async function makeFolder(directory: string): Promise<void> {
  if (Buffer.byteLength(directory) > MAX_PATH_BYTES) {
    throw fault('DURE_EMBEDDED_DENIED', {
      directory,
      reason: `its path is longer than ${MAX_PATH_BYTES} bytes`,
    })
  }
  try {
    const first = await mkdir(directory, { recursive: true, mode: 0o700 })
    if (first === undefined || process.getuid?.() !== 0) return
    const { uid, gid } = await stat(dirname(first))
    for (let made = directory; made.length >= first.length; made = dirname(made)) await chown(made, uid, gid)
  } catch (error) {
    throw denied(directory, error)
  }
}

/**
 * Whether there is a data directory that these binaries can open.
 * @throws DURE_STORE_VERSION, DURE_STORE_CORRUPT, DURE_EMBEDDED_DENIED
 */
export async function hasData(directory: string, data: string, { major }: Binaries): Promise<boolean> {
  const store = `embedded ${directory}`
  try {
    const files = await readdir(data)
    if (files.length === 0) return false
    const found = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim()
    if (found === major) return true
    throw fault('DURE_STORE_VERSION', { store, found: found.slice(0, 20), needed: major })
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException
    if (code === undefined || code.startsWith('DURE')) throw error
    if (code !== 'ENOENT') throw denied(directory, error)
    if (path === data) return false
    throw fault('DURE_STORE_CORRUPT', { store, reason: `${data} holds files, but no PG_VERSION` }, error)
  }
}

/** Makes a data directory: aside, and put in its place when it is whole, so that what is there is always whole. */
export async function createData(
  directory: string,
  data: string,
  binaries: Binaries,
  account: Account,
): Promise<void> {
  await removeAbandoned(directory)
  const aside = `${data}.new-${process.pid}`
  const [command, ...args] = [...account, binaries.initdb]
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  try {
    await run(
      command,
      [
        ...args,
        `--pgdata=${aside}`,
        `--username=${SUPERUSER}`,
        '--auth=trust',
        ...locale,
        '--no-instructions',
      ],
      {
        env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      },
    )
    await rename(aside, data)
    const folder = await open(directory)
    await folder.sync().finally(() => folder.close())
  } catch (error) {
    await rm(aside, { recursive: true, force: true })
    // Another process was faster; which of the two may use it is decided when the server starts.
    if (['ENOTEMPTY', 'EEXIST'].includes(String((error as NodeJS.ErrnoException).code))) return
    throw initFailed(directory, error)
  }
}

/** What starts that were interrupted have left. */
async function removeAbandoned(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const pid = Number(/^data\.new-(\d+)$/.exec(name)?.[1] ?? Number.NaN)
    if (!Number.isNaN(pid) && (pid === process.pid || !isAlive(pid))) {
      await rm(join(directory, name), { recursive: true, force: true })
    }
  }
}

function initFailed(directory: string, error: unknown): Error {
  const { stderr, message } = error as { stderr?: string; message: string }
  const line = stderr?.split('\n').find((it) => /error|fatal|could not/i.test(it)) ?? message
  if (/permission denied|read-only file system/i.test(line)) return denied(directory, error, line)
  return fault('DURE_EMBEDDED_FAILED', { directory, reason: line.trim(), log: 'the cause' }, error)
}

function denied(directory: string, error: unknown, line?: string): Error {
  const { code, message } = error as NodeJS.ErrnoException
  const reasons: Readonly<Record<string, string>> = {
    EACCES: 'this user may not use it',
    EPERM: 'this user may not use it',
    EROFS: 'it is on a read-only file system',
    ENOTDIR: 'a part of its path is a file',
    EEXIST: 'it is a file',
    ENAMETOOLONG: 'a name in its path is too long',
    ENOSPC: 'the disk is full',
  }
  return fault(
    'DURE_EMBEDDED_DENIED',
    { directory, reason: reasons[code ?? ''] ?? line?.trim() ?? message },
    error,
  )
}
