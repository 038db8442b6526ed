import { execFile } from 'node:child_process'
import { readFile, rename, rm } from 'node:fs/promises'
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

/** The server that runs on a data directory, if the process named there really is that and not a later namesake. */
export async function runningServer(
  data: string,
  found: Postmaster,
): Promise<{ owner: number | undefined } | undefined> {
  const args = await argumentsOf(found.pid)
  if (!args.includes(data) || !/postgres/.test(args)) return undefined
  const owner = new RegExp(`${OWNER_SETTING}=(\\d+)`).exec(args)?.[1]
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

/** Empty for a process that is not there. */
async function argumentsOf(pid: number): Promise<string> {
  if (!Number.isInteger(pid) || pid <= 0) return ''
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return text.replaceAll('\0', ' ')
  }
  const found = await run('ps', ['-ww', '-o', 'args=', '-p', String(pid)]).catch(() => undefined)
  return found?.stdout.trim() ?? ''
}
