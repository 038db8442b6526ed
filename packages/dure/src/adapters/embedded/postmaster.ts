import { execFile } from 'node:child_process'
import { readFile, readlink, realpath, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What `postmaster.pid` in a data directory says. */
export interface Postmaster {
  /** The file as it was read. */
  readonly text: string
  readonly pid: number
  readonly socketDirectory: string
  readonly ready: boolean
}

/** Told to the server at its start, so that whoever finds it running knows whose it is: the process to ask. */
export const OWNER_SETTING = 'dure.owner'

export async function readPostmaster(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const lines = text.split('\n')
  return {
    text,
    pid: Number(lines[0]),
    socketDirectory: lines[4] ?? '',
    ready: lines[7]?.trim() === 'ready',
  }
}

/**
 * The server that runs on a data directory, if the process named there is that and not a later namesake. In doubt it is
 * taken for the server: a second one on the same data would destroy it.
 */
export async function runningServer(
  data: string,
  { pid }: Postmaster,
): Promise<{ readonly owner: number | undefined } | undefined> {
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid) || (await isZombie(pid))) return undefined
  const args = await argumentsOf(pid)
  if (args !== undefined && !/postgres|postmaster/.test(args)) return undefined
  // A server stands in its data directory, however it was told of it.
  const [place, here] = await Promise.all([
    readlink(`/proc/${pid}/cwd`).catch(() => undefined),
    realpath(data),
  ])
  if (place !== undefined && place !== here) return undefined
  const owner = new RegExp(`${OWNER_SETTING}=(\\d+)`).exec(args ?? '')?.[1]
  // It may have ended since it was looked at, and then says nothing of whose it was.
  if (owner === undefined && (!isAlive(pid) || (await isZombie(pid)))) return undefined
  return { owner: owner === undefined ? undefined : Number(owner) }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Somebody else's process lives too.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Removes a `postmaster.pid` whose process is not this server. PostgreSQL does so itself unless the number has gone to
 * another process meanwhile. Should another start have put its own file there in between, it gets it back.
 */
export async function removeStale(data: string, stale: Postmaster): Promise<void> {
  const file = join(data, 'postmaster.pid')
  const aside = `${file}.stale-${process.pid}`
  await rename(file, aside).catch(() => undefined)
  const moved = await readFile(aside, 'utf8').catch(() => undefined)
  if (moved !== undefined && moved !== stale.text) await rename(aside, file)
  else await rm(aside, { force: true })
}

async function argumentsOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  return run('ps', ['-ww', '-o', 'args=', '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => undefined,
  )
}

/** Ended, but still in the list, because the first process of its container does not clear it. */
async function isZombie(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return /^\d+ \(.*\) Z/s.test(stat)
}
