import type { Pool } from 'undici'
import type { Application } from '../app/calls.ts'
import { callerOver, type Identity } from '../client/caller.ts'
import { plainIdentity } from '../client/request.ts'
import type { RetryOptions } from '../client/retries.ts'
import type { DureError } from '../kernel/error.ts'
import { remoteFault } from '../kernel/errors/remote/remote-fault.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import { TargetPool } from './target-pool.ts'

/** Where other contexts run, and how they are asked. */
export interface RemoteOptions {
  /** By name of the context, the URL of its process: `{ Ordering: 'http://ordering:3000' }`. A path in it is a prefix. */
  readonly urls: Readonly<Record<string, string>>
  readonly world: World
  /**
   * Headers that say who asks, for each call. When absent: `dure-actor`, `dure-tenant` and `dure-roles` in plain words, which
   * a callee believes in development, or where it trusts its callers.
   */
  readonly identity?: Identity
  /** How long a call may take that has no deadline of its own, in milliseconds: 10,000. */
  readonly timeoutMs?: number
  /** How long a connection may take to be made, in milliseconds: 3,000. */
  readonly connectMs?: number
  /** Connections to each process, at most: 128. More calls at a time wait for one. */
  readonly connections?: number
  /** The largest answer, in bytes: 16 MiB. */
  readonly answerLimit?: number
  readonly retry?: RetryOptions
  /** For `https:` URLs: whom to trust, and the certificate to show (mTLS). */
  readonly tls?: TlsOptions
}

/** PEM texts, as `tls.connect` of Node takes them. */
export interface TlsOptions {
  readonly ca?: string | readonly string[]
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
}

/** Contexts that run in other processes. */
export interface RemoteContexts extends Application {
  /** Finishes what is on its way, then closes the connections. */
  close(): Promise<void>
}

/**
 * Asks contexts in other processes over HTTP, on connections that are kept open. Errors and rejections of the callee come
 * back as its own. The application of a host takes it for what does not run in its process.
 * @throws DURE_CONFIG_INVALID for what is no URL; DURE_STORE_DRIVER_MISSING without the package undici
 */
export async function remoteContexts(options: RemoteOptions): Promise<RemoteContexts> {
  const { urls, world, timeoutMs = 10_000, identity = plainIdentity, retry } = options
  refuseWrongUrls(urls)
  const connect = await connector(options)
  const { answerLimit = 16 * 1024 * 1024 } = options
  const known = new Map<string, Process>()
  let closed: Promise<unknown> | undefined
  const processOf = (context: string, what: string): Application => {
    if (closed !== undefined) throw closedAlready(context, what)
    const found = known.get(context)
    if (found !== undefined) return found.caller
    const url = urls[context]
    if (url === undefined) throw fault('DURE_REMOTE_UNKNOWN', { remote: context, known: Object.keys(urls) })
    const { origin, pathname } = new URL(url)
    const pool = new TargetPool(() => connect(origin), pathname.replace(/\/$/, ''), answerLimit)
    const caller = callerOver((request) => pool.send(request), { world, timeoutMs, identity, retry })
    known.set(context, { pool, caller })
    return caller
  }
  return {
    command: async (call) => processOf(call.context, call.command).command(call),
    query: async (call) => processOf(call.context, call.query).query(call),
    async close() {
      await (closed ??= Promise.all(Array.from(known.values(), ({ pool }) => pool.close())))
    },
  }
}

/** The process of a context, and what asks it. */
interface Process {
  readonly pool: TargetPool
  readonly caller: Application
}

function closedAlready(remote: string, what: string): DureError {
  const reason = 'the connections of this process are closed'
  return remoteFault('DURE_REMOTE_UNAVAILABLE', { remote, what, reason, attempts: 0 })
}

function refuseWrongUrls(urls: Readonly<Record<string, string>>): void {
  const problems = Object.entries(urls)
    .filter(([, url]) => !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    .map(([context]) => `the URL of ${context}: expected http://host:port or https://host:port`)
  if (problems.length > 0) throw fault('DURE_CONFIG_INVALID', { problems })
}

async function connector(options: RemoteOptions): Promise<(origin: string) => Pool> {
  const { connectMs = 3000, connections = 128, tls = {} } = options
  const undici = await import('undici').catch((error: unknown) => {
    throw fault('DURE_STORE_DRIVER_MISSING', { package: 'undici', needed: 'dure/remote' }, error)
  })
  const { ca, ...shown } = tls
  const secure = { ...shown, ...(ca !== undefined && { ca: typeof ca === 'string' ? ca : [...ca] }) }
  return (origin) =>
    new undici.Pool(origin, {
      connections,
      // The deadline of each call is the limit, and its timer the only one.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: connectMs, ...secure },
    })
}
