import { leavesTables, readConfig, type Config } from '../host/config.ts'
import { createHost, type Host } from '../host/create-host.ts'
import { jsonLog, type Log } from '../host/log.ts'
import { systemWorld } from '../host/system-world.ts'
import { createHttp, type Http } from '../http/index.ts'
import { isDureError } from '../kernel/error.ts'
import type { System } from '../model/system.ts'
import type { Persistence } from '../persistence/persistence.ts'
import type { Storage } from '../ports/store.ts'
import type { Transport } from '../ports/transport.ts'
import { servePages } from './pages.ts'
import { onStopSignal } from './signals.ts'
import { storageFromConfig } from './storage-from-config.ts'
import { transportFromConfig } from './transport-from-config.ts'
import { styled, terminalLog } from './terminal.ts'

/** What an application adds to its system when it runs. */
export interface RunOptions {
  /** A folder of files to serve beside the API, `index.html` at `/`. */
  readonly pages?: string
  /** Called before the first request is served, at every start: give its commands idempotency keys. */
  readonly prepare?: (host: Host) => Promise<void>
  /** How aggregates are kept, `asState(…)` or `asEvents(…)`; one that is not listed is kept as events. */
  readonly persistence?: readonly Persistence[]
  /** Another storage than the one that the environment asks for; closed with the rest. */
  readonly storage?: Storage
  /** Another transport between contexts than the one that the environment asks for; closed with the rest. */
  readonly transport?: Transport
  /** The environment; `process.env` when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** A system that runs and listens. */
export interface Running {
  readonly url: string
  readonly host: Host
  /** Answers what is in flight, stops the loops, closes the storage. */
  close(): Promise<void>
}

/**
 * Runs a system as this process: reads the configuration, opens the storage (the embedded PostgreSQL unless DATABASE_URL is
 * set), starts views and policies, listens, and stops in order on SIGINT and SIGTERM. On a failure it says what failed and
 * what to do, closes what it had opened, and ends the process with exit code 1.
 */
export async function run(system: System, options: RunOptions = {}): Promise<Running> {
  const opened: (() => Promise<void>)[] = []
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= closeAll(opened))
  onStopSignal(() => void close().then(() => process.exit(0), fail))
  try {
    return await open(system, options, opened, close)
  } catch (error) {
    // A signal during the start closes things under it; what then fails is not news.
    if (closing !== undefined) return await new Promise<never>(() => undefined)
    await close().catch(() => undefined)
    return fail(error)
  }
}

async function open(
  system: System,
  options: RunOptions,
  opened: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<Running> {
  const config = readConfig(options.env ?? process.env)
  const log = logOf(config)
  const say =
    config.NODE_ENV === 'development' ? (text: string) => process.stdout.write(`${text}\n`) : () => true
  const storage =
    options.storage ?? (await storageFromConfig(config, (text) => void say(styled('gray', text))))
  opened.push(() => storage.close())
  const transport = options.transport ?? (await transportFromConfig(config))
  if (transport !== undefined) opened.push(() => transport.close())
  const { persistence = [] } = options
  const migrations = leavesTables(config) ? 'refuse' : 'apply'
  const host = await createHost(system, {
    storage,
    persistence,
    migrations,
    log,
    ...(transport && { transport }),
  })
  opened.push(() => host.close())
  await options.prepare?.(host)
  const http = createHttp({
    system,
    application: host.application,
    world: systemWorld,
    development: config.NODE_ENV === 'development',
    bodyLimit: config.DURE_BODY_LIMIT,
    ready: async () => readiness(storage),
    degraded: () => [...risks(storage), ...degradation(host)],
    log: ({ id, method, path, error }) => log('error', 'request failed', { id, method, path, error }),
  })
  opened.push(() => http.close())
  if (options.pages !== undefined) await servePages(http, options.pages)
  const url = await listen(http, config)
  log('info', 'listening', { system: system.name, url, store: storage.name })
  if (config.NODE_ENV === 'development')
    say(banner(system, url, storage, transport, options.pages !== undefined))
  return { url, host, close }
}

const write = (line: string): void => void process.stdout.write(line)

function logOf(config: Config): Log {
  return config.NODE_ENV === 'development' && process.stdout.isTTY
    ? terminalLog(write, config.DURE_LOG === 'info' ? 'warn' : config.DURE_LOG)
    : jsonLog(systemWorld, write, config.DURE_LOG)
}

async function readiness(storage: Storage): Promise<readonly string[]> {
  try {
    await storage.ping()
    return []
  } catch (error) {
    return [isDureError(error) ? `${error.code}: ${error.message}` : 'the store does not answer']
  }
}

function risks({ warnings = [] }: Storage): readonly string[] {
  return warnings.map(({ setting, found }) => `the store has ${setting} = ${found}`)
}

/** What does not keep the process from serving, and still is not as it should be. */
function degradation(host: Host): readonly string[] {
  const unpublished = host.relays().flatMap(({ context, state, error }) => {
    if (state !== 'failing') return []
    return [`the events of ${context} are not published: ${error?.code ?? ''} ${error?.message ?? ''}`.trim()]
  })
  const stuck = host.status().flatMap(({ context, consumer, source, state, failure }) => {
    if (state === 'running' || state === 'stopped') return []
    return [`${consumer} in ${context} does not hear ${source}: ${state} ${failure?.code ?? ''}`.trim()]
  })
  return [...unpublished, ...stuck]
}

async function listen(http: Http, config: Config): Promise<string> {
  const { host, port } = await http.listen({ host: config.HOST, port: config.PORT })
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function banner(
  system: System,
  url: string,
  storage: Storage,
  transport: Transport | undefined,
  pages: boolean,
): string {
  const rows = [
    ...(pages ? [['page', `${url}/`]] : []),
    ['API', `${url}/reference`],
    ['OpenAPI', `${url}/openapi.json`],
    ['data', storage.name],
    ...(transport ? [['events', transport.name]] : []),
    ['contexts', system.contexts.map((it) => it.name).join(', ')],
  ]
  const lines = rows.map(([name = '', value = '']) => `  ${styled('gray', name.padEnd(9))} ${value}`)
  return [``, `${styled('bold', system.name)} is running. Ctrl-C stops it.`, ...lines, ``].join('\n')
}

// One thing that cannot be closed must not keep the others open.
async function closeAll(opened: readonly (() => Promise<void>)[]): Promise<void> {
  let failed: { readonly error: unknown } | undefined
  for (const it of opened.toReversed()) await it().catch((error: unknown) => void (failed ??= { error }))
  if (failed !== undefined) throw failed.error
}

function fail(error: unknown): never {
  if (isDureError(error)) {
    const { code, message, hint } = error
    process.stderr.write(`${styled('red', code)} ${message}\n${styled('gray', 'hint')} ${hint}\n`)
  } else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(1)
}
