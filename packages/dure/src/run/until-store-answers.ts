import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from '../host/config.ts'
import type { Log } from '../host/log.ts'
import { PROBLEM_TYPE, problemOf } from '../http/problem.ts'
import { isDureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Storage } from '../ports/store.ts'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000
/** So often it is said again that the store is waited for. */
const REPEAT_MS = 30_000

/**
 * Resolves when the store answers. A database that is away when a process starts, or is only starting itself, is waited
 * for: a restart would not bring it back. Meanwhile the process lives, is not ready and says why, where it will listen.
 *
 * @throws what no waiting mends: wrong credentials, a database that does not exist; a port that is taken
 */
export async function untilStoreAnswers(
  storage: Storage,
  config: Pick<Config, 'HOST' | 'PORT'>,
  { log, listens, over }: { log: Log; listens: boolean; over: () => boolean },
): Promise<void> {
  let reason = await whyAway(storage)
  if (reason === undefined) return
  const answers = listens ? await notReady(config, () => reason ?? '') : undefined
  try {
    const began = performance.now()
    let said = -REPEAT_MS
    for (let tries = 0; reason !== undefined && !over(); tries++) {
      const waited = performance.now() - began
      if (waited - said >= REPEAT_MS) {
        said = waited
        log('warn', 'waiting for the store', { store: storage.name, reason, waitedMs: Math.round(waited) })
      }
      await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries))
      reason = await whyAway(storage)
    }
    if (reason === undefined) log('info', 'the store answers', { store: storage.name })
  } finally {
    await answers?.close()
  }
}

async function whyAway(storage: Storage): Promise<string | undefined> {
  try {
    await storage.ping()
    return undefined
  } catch (error) {
    if (isDureError(error, 'DURE_STORE_UNAVAILABLE')) return `${error.code}: ${error.message}`
    throw error
  }
}

/** Answers as the process will: it lives, and it cannot serve yet. */
async function notReady(
  { HOST: host, PORT: port }: Pick<Config, 'HOST' | 'PORT'>,
  reason: () => string,
): Promise<{ close(): Promise<void> }> {
  const server = createServer(({ url }, response) => {
    const headers = { 'cache-control': 'no-store', connection: 'close' }
    if (url === '/healthz') {
      response.writeHead(200, { ...headers, 'content-type': 'application/json' })
      response.end(JSON.stringify({ status: 'live' }))
      return
    }
    const problem = problemOf(fault('DURE_HTTP_NOT_READY', { reasons: [reason()] }))
    response.writeHead(problem.status, { ...headers, 'content-type': PROBLEM_TYPE, 'retry-after': '5' })
    response.end(JSON.stringify(problem))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? fault('DURE_PORT_IN_USE', { host, port }, error) : error),
    )
    server.listen(port, host, resolve)
  })
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
