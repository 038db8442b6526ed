import { hostname } from 'node:os'
import type { PublishedLog } from '../app/published-log.ts'
import { sharedTransport } from '../adapters/memory/shared/shared-transport.ts'
import { leavesTables, type Config } from '../host/config.ts'
import { withEnvFiles } from '../host/config/env-files.ts'
import { readProcessConfig } from '../host/config/process-config.ts'
import { redactor } from '../host/config/redact.ts'
import { createHost, type Host } from '../host/create-host.ts'
import type { IdentityHeaders } from '../host/http-log.ts'
import { jsonLog, type Log } from '../host/log.ts'
import { placementOf, refuseUnheard, systemHere, type Role } from '../host/placement.ts'
import { systemWorld } from '../host/system-world.ts'
import { createHttp, type Http } from '../http/index.ts'
import type { Identity } from '../identity/identity.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { System } from '../model/system.ts'
import type { Persistence } from '../persistence/persistence.ts'
import type { Storage } from '../ports/store.ts'
import type { Transport } from '../ports/transport.ts'
import { attach } from '../resources/attach.ts'
import { banner } from './banner.ts'
import { drain } from './ending/drain.ts'
import { processesElsewhere } from './elsewhere.ts'
import { healthOf } from './health.ts'
import { identityOfProcess } from './identity-from-config.ts'
import { Opened } from './ending/opened.ts'
import { servePages } from './pages.ts'
import { endOnSignal, fail, type Telling } from './ending/process-end.ts'
import { prepares, prepareWhenUp } from './prepared.ts'
import { storageOfProcess } from './storage-of-process.ts'
import { transportFromConfig } from './transport-from-config.ts'
import { styled, terminalLog } from './terminal.ts'
import { untilStoreAnswers } from './until-store-answers.ts'

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
  /** Names of the contexts that run in this process, where DURE_CONTEXTS does not say; all of the system when absent. */
  readonly contexts?: readonly string[]
  /** What the process does for them, where DURE_ROLES does not say: `web`, `worker`, `batch`; everything when absent. */
  readonly roles?: readonly Role[]
  /** How it says who asks when it speaks to the processes of other contexts; in plain words when absent. */
  readonly credentials?: IdentityHeaders
  /** How requests say who they are from, where OIDC_ISSUER and DURE_SERVICE_PEERS do not say: `oidc({ … })`. */
  readonly identity?: Identity | readonly Identity[]
  /** The environment; `process.env` when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** A system that runs and listens. */
export interface Running {
  /** Where it listens; empty for a process without the role `web` whose PORT is not set, which does not. */
  readonly url: string
  readonly host: Host
  /**
   * Answers what is in flight, stops the loops, closes the storage, within DURE_SHUTDOWN_MS.
   * @throws DURE_SHUTDOWN_CUT where something did not end by then
   */
  close(): Promise<void>
}

/**
 * Runs a system as this process: reads the configuration, opens the storage (the embedded PostgreSQL unless DATABASE_URL is
 * set), attaches settings and backing services, starts views and policies, listens, and stops in order on SIGINT and SIGTERM,
 * within DURE_SHUTDOWN_MS. On a failure it says what failed and
 * what to do, closes what it had opened, and ends the process with exit code 1.
 */
export async function run(system: System, options: RunOptions = {}): Promise<Running> {
  const opened = new Opened(systemWorld)
  const telling: Telling = { log: () => undefined, redact: (text) => text }
  endOnSignal(opened, telling)
  try {
    return await open(system, options, opened, telling)
  } catch (error) {
    // A signal during the start closes things under it; what then fails is not news.
    if (opened.closing) return await new Promise<never>(() => undefined)
    await opened.close()
    return fail(error, telling)
  }
}

async function open(system: System, options: RunOptions, opened: Opened, telling: Telling): Promise<Running> {
  const surrounding = withEnvFiles(options.env ?? process.env, process.cwd())
  const { contexts } = options
  const named = surrounding.env['DURE_CONTEXTS'] ? {} : { ...(contexts && { contexts }) }
  const read = readProcessConfig(system, surrounding.env, named)
  const { config } = read
  const placement = placementOf(system, {
    contexts: config.DURE_CONTEXTS ?? contexts ?? [],
    roles: config.DURE_ROLES ?? options.roles ?? [],
  })
  const here = placement.here.map((it) => it.name)
  opened.budgetMs = config.DURE_SHUTDOWN_MS
  telling.redact = redactor(read.entries)
  const log = (telling.log = logOf(config, telling.redact))
  for (const warning of read.warnings) log('warn', 'configuration', { warning })
  const say =
    config.NODE_ENV === 'development' ? (text: string) => process.stdout.write(`${text}\n`) : () => true
  const hasBus = [options.transport, config.NATS_URL, config.KAFKA_URL, config.DURE_DEV_BUS].some(
    (it) => it !== undefined,
  )
  refuseUnheard(placement, { bus: hasBus, hasLog: () => true })
  const attachments = await attach(read.attached, read.values, systemWorld)
  opened.push('the connections to backing services', () => attachments.close())
  for (const resource of attachments.inMemory) log('info', 'resource stands in memory', { resource })
  const storage =
    options.storage ??
    (await storageOfProcess(config, here, read.values, (text) => void say(styled('gray', text))))
  opened.push('the storage', () => storage.close())
  const transport = options.transport ?? (await transportFromConfig(config)) ?? devBus(config)
  if (transport !== undefined) opened.push('the transport', () => transport.close())
  const who = await identityOfProcess(system, config, options.identity, here, systemWorld)
  const credentials = options.credentials ?? who.credentials
  const remote = await processesElsewhere(system, new Set(here), read.values, credentials)
  if (remote !== undefined) opened.push('calls to other processes', () => remote.close())
  const serves = placement.roles.has('web')
  const isListening = serves || read.entries.some(({ name, from }) => name === 'PORT' && from !== 'default')
  await untilStoreAnswers(storage, config, { log, listens: isListening, over: () => opened.closing })
  const { persistence = [] } = options
  const migrations = leavesTables(config) ? 'refuse' : 'apply'
  const host = await createHost(system, {
    storage,
    persistence,
    migrations,
    log,
    attached: attachments.clients,
    crossing: config.NODE_ENV === 'production' ? 'plain' : 'copied',
    process: { host: hostname(), pid: process.pid, release: config.DURE_RELEASE ?? '' },
    contexts: here,
    roles: [...placement.roles],
    ...(remote && { remote }),
    ...(transport && { transport }),
  })
  opened.push('policies, views and what they store', () => host.close())
  const alone = placement.elsewhere.length === 0
  const prepare = prepares(system, placement) ? options.prepare : undefined
  if (alone) await prepare?.(host)
  const health = healthOf(storage, host, attachments)
  if (!isListening) {
    log('info', 'running', { system: system.name, contexts: here, roles: [...placement.roles] })
    if (!alone && prepare) void prepareWhenUp(prepare, host, log, () => opened.closing)
    return { url: '', host, close: () => closed(opened) }
  }
  const http = createHttp({
    // Without the role it only says how it is, and what it has published.
    system: serves ? systemHere(system, placement) : { ...system, contexts: [], routes: [] },
    documents: serves,
    logs: transport === undefined ? new Map() : publishedHere(host, here),
    application: host.application,
    world: systemWorld,
    development: config.NODE_ENV === 'development',
    ...(who.identity && { identity: who.identity }),
    bodyLimit: config.DURE_BODY_LIMIT,
    overload: { limit: config.DURE_MAX_REQUESTS, queue: config.DURE_MAX_QUEUE },
    rateLimit: config.DURE_RATE_LIMIT,
    ...health,
    log: ({ id, method, path, error }) => log('error', 'request failed', { id, method, path, error }),
  })
  opened.push('requests in flight', (leftMs) => drain(http, config.DURE_SHUTDOWN_DELAY_MS, leftMs))
  if (serves && options.pages !== undefined) await servePages(http, options.pages)
  if (who.warning !== undefined) log('warn', ...who.warning)
  const url = await listen(http, config)
  log('info', 'listening', {
    system: system.name,
    url,
    store: storage.name,
    ...(!alone && { contexts: here }),
  })
  if (!alone && prepare) void prepareWhenUp(prepare, host, log, () => opened.closing)
  // Contexts of other repositories have nothing that would say where this one is.
  if (config.NODE_ENV === 'development' && here.length === system.contexts.length) {
    const pages = options.pages !== undefined
    say(banner(systemHere(system, placement), url, { pages, data: storage.name, events: transport?.name }))
  }
  return { url, host, close: () => closed(opened) }
}

/** What `dure dev --split` shares with the processes that it runs, where no broker is configured. */
function devBus({ DURE_DEV_BUS, NODE_ENV }: Config): Transport | undefined {
  return DURE_DEV_BUS === undefined || NODE_ENV === 'production' ? undefined : sharedTransport(DURE_DEV_BUS)
}

function publishedHere(host: Host, here: readonly string[]): ReadonlyMap<string, PublishedLog> {
  return new Map(here.map((it) => [it, host.published(it) as PublishedLog]))
}

async function closed(opened: Opened): Promise<void> {
  const { failed, cut } = await opened.close()
  if (failed !== undefined) throw failed.error
  if (cut.length > 0) throw fault('DURE_SHUTDOWN_CUT', { budgetMs: opened.budgetMs, cut })
}

const write = (line: string): void => void process.stdout.write(line)

function logOf(config: Config, redact: (text: string) => string): Log {
  const out = (line: string): void => write(redact(line))
  return config.NODE_ENV === 'development' && process.stdout.isTTY
    ? terminalLog(out, config.DURE_LOG === 'info' ? 'warn' : config.DURE_LOG)
    : jsonLog(systemWorld, out, config.DURE_LOG)
}

async function listen(http: Http, config: Config): Promise<string> {
  const { host, port } = await http.listen({ host: config.HOST, port: config.PORT })
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
