import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type FileHandle, mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fault } from '../../kernel/errors/fault.ts'
import type { Account } from './account.ts'
import { isAlive, OWNER_SETTING, readPostmaster, runningServer } from './postmaster.ts'

/** Exit code of the shell when somebody else holds the file lock. */
const LOCKED = 75

/*
 * The shell stands between: it holds the reading end of a pipe from this process, and when that ends, by a close, a crash
 * or a SIGKILL of this process, it asks the server to stop (SIGINT: at once, but in good order). The server is its child,
 * so the number it signals can be no one else's. In a session of its own, so that Ctrl-C reaches this process alone,
 * which may want to finish what is under way. It asks again every second, because a server that has only just been
 * started does not listen yet.
 *
 * PostgreSQL knows from its own files that another server runs on the data, but not one in another container, whose
 * processes it cannot see. So the server and all its processes also hold a file lock, where there is the tool for it.
 */
const SUPERVISOR = `
sockets=$1; data=$2; shift 2
exec 3<&0 </dev/null 9<"$data/PG_VERSION"
if command -v flock >/dev/null; then
  flock -n -E ${LOCKED} 9
  [ $? -ne ${LOCKED} ] || exit ${LOCKED}
fi
"$@" 3<&- &
server=$!
{ while read -r _ <&3; do :; done; while kill -INT $server; do sleep 1; done; } 2>/dev/null 9<&- &
watcher=$!
exec 3<&-
wait $server
status=$?
kill $watcher 2>/dev/null
rm -f "$sockets"/.s.PGSQL.5432*
rmdir "$sockets" 2>/dev/null
exit $status`

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  port: '5432',
  fsync: 'on',
  shared_buffers: '32MB',
  max_connections: '40',
  max_wal_size: '256MB',
  // One node, no replicas, no parallel queries: fewer processes and less to write.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  max_parallel_workers_per_gather: '0',
  io_method: 'sync',
  jit: 'off',
  // Statistics of tables that have just been filled come sooner than in the default minute.
  autovacuum_naptime: '15s',
  log_min_messages: 'warning',
  log_timezone: 'UTC',
  timezone: 'UTC',
}

// 107 bytes on Linux, 103 on macOS, of which the name of the socket itself takes 15.
const MAX_SOCKET_DIRECTORY_BYTES = 88
const MAX_LOG_BYTES = 5_000_000
const START_DEADLINE_MS = 120_000
const STOP_DEADLINE_MS = 15_000

export interface ServerPlace {
  /** As the user named it, for messages. */
  readonly directory: string
  readonly data: string
  readonly log: string
  readonly postgres: string
  readonly account: Account
}

/** A PostgreSQL process on one data directory. */
export class Server {
  readonly socketDirectory: string
  readonly #place: ServerPlace
  readonly #supervisor: ChildProcess
  readonly #exited: Promise<unknown>
  #failed = false

  private constructor(place: ServerPlace, socketDirectory: string, supervisor: ChildProcess) {
    this.#place = place
    this.socketDirectory = socketDirectory
    this.#supervisor = supervisor
    // Rejects if not even the shell could be started, which is as good as ended.
    this.#exited = once(supervisor, 'exit').catch(() => (this.#failed = true))
    supervisor.stdin?.on('error', () => undefined)
    // The server must not keep alive a program that has nothing left to do.
    supervisor.unref()
    ;(supervisor.stdin as unknown as { unref(): void }).unref()
  }

  /**
   * Resolves when the server takes connections.
   * @param socketDirectory of an earlier start, to be found at the same place again
   */
  static async start(place: ServerPlace, socketDirectory?: string): Promise<Server> {
    const sockets = await socketFolder(socketDirectory)
    const before = await readPostmaster(place.data)
    const log = await openLog(place)
    const { size } = await log.stat()
    const settings = { ...SETTINGS, unix_socket_directories: `"${sockets}"`, [OWNER_SETTING]: process.pid }
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const command = [...place.account, place.postgres, '-D', place.data, ...flags]
    const supervisor = spawn('sh', ['-c', SUPERVISOR, 'dure', sockets, place.data, ...command], {
      stdio: ['pipe', log.fd, log.fd],
      detached: true,
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    })
    const server = new Server(place, sockets, supervisor)
    await log.close()
    await server.#becomesReady(before?.text, size)
    return server
  }

  /** Resolves when the server has ended, for whatever reason. */
  get exited(): Promise<unknown> {
    return this.#exited
  }

  async stop(): Promise<void> {
    if (this.#hasExited()) return
    this.#supervisor.ref()
    this.#supervisor.stdin?.end()
    const late = new AbortController()
    const escalation = pause(STOP_DEADLINE_MS, undefined, { signal: late.signal }).then(
      () => this.#signal('SIGQUIT'),
      () => undefined,
    )
    await this.#exited
    late.abort()
    await escalation
  }

  async #becomesReady(before: string | undefined, logStart: number): Promise<void> {
    for (let waited = 0; waited < START_DEADLINE_MS; waited += 5) {
      const found = await readPostmaster(this.#place.data)
      // Of processes that start at once another's server may be ready first: ours listens where it was told to.
      if (found?.ready && found.text !== before && found.socketDirectory === this.socketDirectory) return
      if (this.#hasExited()) throw await this.#startFailed(logStart)
      await pause(5)
    }
    await this.stop()
    throw await this.#startFailed(logStart)
  }

  async #startFailed(logStart: number): Promise<Error> {
    const { directory, data, log } = this.#place
    await rm(this.socketDirectory, { recursive: true, force: true })
    const said = await readFrom(log, logStart)
    if (this.#supervisor.exitCode === LOCKED || said.includes('postmaster.pid" already exists')) {
      const found = await readPostmaster(data)
      const running = found && (await runningServer(data, found))
      // The server of a process that is gone is about to stop: it is in use by nobody.
      const left = running?.owner !== undefined && !isAlive(running.owner)
      const pid = running === undefined || left ? 0 : (running.owner ?? found?.pid ?? 0)
      return fault('DURE_STORE_IN_USE', { directory, pid })
    }
    const line =
      /^.*(?:FATAL|PANIC|error|not found|No such file).*$/im.exec(said)?.[0] ??
      (said.trim() || 'it said nothing')
    const reason = line.replace(/^.*?(?:FATAL|PANIC|LOG): +/, '')
    const store = `embedded ${directory}`
    if (/PANIC|pg_control|checkpoint|could not (?:open|read|stat)|invalid|corrupt|required/i.test(line)) {
      return fault('DURE_STORE_CORRUPT', { store, reason })
    }
    return fault('DURE_EMBEDDED_FAILED', { directory, reason, log })
  }

  async #signal(name: NodeJS.Signals): Promise<void> {
    const { data } = this.#place
    const found = await readPostmaster(data)
    if (found !== undefined && (await runningServer(data, found))) process.kill(found.pid, name)
  }

  #hasExited(): boolean {
    return this.#failed || this.#supervisor.exitCode !== null || this.#supervisor.signalCode !== null
  }
}

/** Whether a path is one that `socketFolder` makes. */
export function isSocketFolder(path: string): boolean {
  return [tmpdir(), '/tmp'].includes(dirname(path)) && /^dure-\w{6}$/.test(basename(path))
}

/** Only this user can enter it, so only this user can connect. */
async function socketFolder(known: string | undefined): Promise<string> {
  if (known !== undefined) {
    await mkdir(known, { mode: 0o700 }).catch(() => undefined)
    const { uid, mode } = await stat(known)
    if (uid === process.getuid?.() && (mode & 0o077) === 0) return known
    throw fault('DURE_EMBEDDED_DENIED', { directory: known, reason: 'somebody else has made it' })
  }
  const base =
    Buffer.byteLength(tmpdir()) + '/dure-XXXXXX'.length <= MAX_SOCKET_DIRECTORY_BYTES ? tmpdir() : '/tmp'
  return mkdtemp(join(base, 'dure-'))
}

/** Starts anew once it has grown. Written by root for somebody, it belongs to whom the folder belongs to. */
async function openLog({ directory, log }: ServerPlace): Promise<FileHandle> {
  try {
    const size = await stat(log).then(
      (it) => it.size,
      () => 0,
    )
    if (size > MAX_LOG_BYTES) await rm(log)
    const file = await open(log, 'a', 0o600)
    if (process.getuid?.() === 0) {
      const { uid, gid } = await stat(dirname(log))
      await file.chown(uid, gid)
    }
    return file
  } catch (error) {
    throw fault('DURE_EMBEDDED_DENIED', { directory, reason: `${log} cannot be written` }, error)
  }
}

async function readFrom(path: string, position: number): Promise<string> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(64 * 1024), position })
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
