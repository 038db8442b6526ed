import { createApplication, type Crossing } from '../app/application.ts'
import type { Application } from '../app/calls.ts'
import { clientOf, type Client, type Speaker } from '../app/client.ts'
import { used, type Clients } from '../model/attached/used.ts'
import type { ContextRuntime } from '../app/context-runtime.ts'
import { checkPersistence, openContexts } from '../app/open-contexts.ts'
import type { PublishedLog } from '../app/published-log.ts'
import { repositoryOf } from '../app/aggregates/repository.ts'
import {
  keeperOf,
  savingAtOnce,
  unitOfWork,
  workWithin,
  type JoinedWork,
  type UnitOfWork,
} from '../app/aggregates/unit-of-work.ts'
import type { AnyAggregate } from '../domain/aggregate.ts'
import type { Repository } from '../domain/repository.ts'
import { servedLog } from '../engine/bus/served-log.ts'
import { Engine } from '../engine/engine.ts'
import { Onlooker } from '../engine/reading/onlooker.ts'
import type { ConsumerStatus, ReadSide } from '../engine/reading/read-side.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import type { Attached } from '../model/attached/attached.ts'
import { checkModel } from '../model/check/check-model.ts'
import type { System } from '../model/system.ts'
import { migrationOf } from '../migration/migration.ts'
import { notePastRules, pendingData } from '../migration/pending.ts'
import type { Persistence } from '../persistence/persistence.ts'
import type { Storage } from '../ports/store.ts'
import type { Transport } from '../ports/transport.ts'
import type { RelayStatus } from '../engine/bus/relay.ts'
import type { Jobs } from '../engine/jobs/jobs.ts'
import type { TaskStatus } from '../engine/jobs/status.ts'
import type { AnyJob, JobInput } from '../model/jobs/job.ts'
import { jobsOf } from './host-jobs.ts'
import { attachedOf } from './config/declared.ts'
import { Heartbeat } from './heartbeat.ts'
import { silent, type Log } from './log.ts'
import { loggedApplication } from './logged-application.ts'
import {
  persistenceHere,
  placementOf,
  refuseUnheard,
  systemHere,
  type Placement,
  type Role,
} from './placement.ts'
import type { Remote } from './remote.ts'
import { inSystem } from './same-system.ts'
import { systemWorld } from './system-world.ts'
import { Upkeep } from './upkeep.ts'

/** What a host needs from outside. */
export interface HostOptions {
  /** Where everything is kept; the host opens the contexts and closes it. */
  readonly storage: Storage
  /**
   * What carries published events from context to context; the host closes it. Without one, contexts read each other's
   * events from the storage that they share.
   */
  readonly transport?: Transport
  /** How aggregates are kept, `asState(…)` or `asEvents(…)`; one that is not listed is kept as events. */
  readonly persistence?: readonly Persistence[]
  /**
   * Whether data that an older release has left is brought forward before the start, or the start refused with
   * DURE_STORE_UNMIGRATED where it must not begin without: in production that is done once, by `dure admin migrate`.
   * `apply` when absent.
   */
  readonly migrations?: 'apply' | 'refuse'
  /**
   * How many aggregates this process remembers of each context, at most: deciding again on one of these costs no read, or
   * that of its newest events. 10,000 when absent; 0 remembers none.
   */
  readonly remember?: number
  /**
   * How long, in milliseconds, a policy or view holds an event that only a newer release may know, before it counts as an
   * error: at least as long as a deployment takes. 15 minutes when absent.
   */
  readonly holdMs?: number
  /** How a query crosses from one context of this process to another; `copied` when absent. */
  readonly crossing?: Crossing
  /** Names of the contexts that run in this process; all of the system when absent. */
  readonly contexts?: readonly string[]
  /**
   * What the process does for them; everything when absent. Without `worker` nothing runs in it: views and policies are kept
   * up by other processes on the same storage, and queries wait for them.
   */
  readonly roles?: readonly Role[]
  /** What speaks to the processes of the other contexts. */
  readonly remote?: Remote
  /** What stands behind the settings and resources of the contexts; `standIns(system)` of dure/testing in tests. */
  readonly attached?: Clients
  /** How the process is called where `dure status` tells of it; unnamed when absent. */
  readonly process?: { readonly host: string; readonly pid: number; readonly release: string }
  readonly world?: World
  readonly log?: Log
}

/** A system running in this process, without any edge: tests speak to `application`, an HTTP server stands before it. */
export interface Host extends AsyncDisposable {
  readonly system: System
  readonly application: Application
  readonly storage: Storage
  /** Speaks to the contexts by their contracts: `host.client({ actor: 'import' }).tell(Catalog.commands.listProduct, {…})`. */
  client(speaker: Speaker): Client
  /**
   * The repository of an aggregate, for scripts and tests: load, decide, save. What serves requests goes through commands,
   * which also check authorisation, keys and conflicts.
   */
  repository<A extends AnyAggregate>(aggregate: A, speaker: Speaker): Repository<A>
  /**
   * Several aggregates of one context in one transaction, with SQL of one's own beside them: what is saved in `work` is
   * stored when it resolves, all of it or nothing.
   * @throws DURE_VERSION_CONFLICT, DURE_AGGREGATE_EXISTS, DURE_UNIQUE_TAKEN of what was saved, DURE_UNIT_TWICE
   */
  unitOfWork<T>(
    context: { readonly name: string },
    speaker: Speaker,
    work: (unit: UnitOfWork) => Promise<T>,
  ): Promise<T>
  /**
   * Repositories inside a transaction of the user's own, on its client: a `PoolClient` of pg, which Drizzle, Kysely and
   * TypeORM can share. Each save is stored in it at once; the user commits or rolls back.
   * @throws DURE_TRANSACTION_UNSUPPORTED on a store without SQL
   */
  within(context: { readonly name: string }, speaker: Speaker, client: object): JoinedWork
  /**
   * The values of settings, or the client of a resource, of the system or a context of it.
   * @throws DURE_RESOURCE_UNATTACHED
   */
  use<T>(attached: Attached<T>): T
  /** How far each view and policy has come. */
  status(): readonly ConsumerStatus[]
  /** How far the published events of each context have come on their way to the transport; empty without one. */
  relays(): readonly RelayStatus[]
  /** What a context of this process has published, for the processes of others; undefined for a context elsewhere. */
  published(context: string): PublishedLog | undefined
  /** Where each job and poller of the contexts here stands, whichever process works on it. */
  jobs(): Promise<readonly TaskStatus[]>
  /**
   * Asks for a run of a job; resolves to its id once that is stored. A process with the role `batch` takes it up.
   * @throws DURE_JOB_UNKNOWN, DURE_COMMAND_INVALID for an input that the job does not take, DURE_JOB_BUSY
   */
  runJob<J extends AnyJob>(job: J, input?: JobInput<J>): Promise<string>
  /**
   * Resolves when every view and policy has met all that is stored now, and all that followed from it, also in the contexts
   * of other processes; and no job or poller of this process is due.
   */
  settled(): Promise<void>
  /** Stops the loops, finishes what is being stored, closes the storage. A second call waits for the first. */
  close(): Promise<void>
}

/** The longest that a timer can run. */
const longest = 2 ** 31 - 1

/**
 * Opens the contexts of a system on a storage, starts their views and policies. Resolves when it can be asked.
 * @throws DURE_CONTEXT_UNKNOWN, DURE_ROLE_UNKNOWN, DURE_BUS_MISSING, DURE_REMOTE_UNKNOWN, and what the storage throws
 */
export async function createHost(system: System, options: HostOptions): Promise<Host> {
  const { storage, transport, persistence = [], world = systemWorld, log = silent } = options
  let engine: ReadSide | undefined
  let heartbeat: Heartbeat | undefined
  let jobs: Jobs | undefined
  let contexts: readonly ContextRuntime[] = []
  let closing: Promise<void> | undefined
  const upkeep = new Upkeep(storage, world, log)
  const close = (): Promise<void> => (closing ??= closeAll())
  // What is left of a script may be connections that keep no process alive, and closing them is waited for.
  const closeAll = async (): Promise<void> => {
    const release = world.after(longest, () => undefined, true)
    try {
      await jobs?.stop()
      await Promise.all([engine?.stop(), upkeep.stop(), heartbeat?.stop()])
      await Promise.all(contexts.map((it) => it.baselines.settled()))
      await Promise.all([storage.close(), transport?.close()])
    } finally {
      release()
    }
  }
  try {
    const placement = placementOf(system, options)
    refuseWrongModel(system)
    checkPersistence(system, persistence)
    const hasLog = (context: string): boolean => options.remote?.log(context) !== undefined
    refuseUnheard(placement, { bus: transport !== undefined, hasLog })
    const own = systemHere(system, placement)
    const kept = persistenceHere(persistence, placement)
    const stores = await openContexts(own, kept, storage, world, options.remember)
    const { attached } = options
    contexts = attached === undefined ? stores : stores.map((it) => ({ ...it, clients: attached }))
    for (const it of storage.warnings ?? []) log('warn', 'the store is not as it should be', { ...it })
    await bringForward(own, { ...options, persistence: kept }, contexts, world, log)
    engine = readSideOf(system, placement, contexts, options)
    const asking = createApplication(system, contexts, engine, options.remote?.calls, options.crossing)
    const application = loggedApplication(asking, log)
    jobs = jobsOf(contexts, {
      progress: engine,
      ask: asking.ask,
      world,
      log,
      works: placement.roles.has('batch'),
    })
    await engine.start()
    upkeep.start()
    heartbeat = heartbeatOf(contexts, placement, options)
    heartbeat.start()
    jobs.start()
    return running({ system, application, storage, world, engine, jobs, close, attached }, contexts)
  } catch (error) {
    await close()
    throw error
  }
}

function heartbeatOf(
  contexts: readonly ContextRuntime[],
  { roles }: Placement,
  { process, world = systemWorld, log = silent }: HostOptions,
): Heartbeat {
  const { host, pid, release } = process ?? { host: '', pid: 0, release: '' }
  const info = { id: world.newId(), host, pid, roles: [...roles], release, since: world.now() }
  return new Heartbeat(contexts, info, world, log)
}

function readSideOf(
  system: System,
  { elsewhere, roles }: Placement,
  contexts: readonly ContextRuntime[],
  { transport, remote, holdMs, world = systemWorld, log = silent }: HostOptions,
): ReadSide {
  const others = elsewhere.flatMap((definition) => {
    const found = remote?.log(definition.name)
    return found === undefined ? [] : [{ definition, log: inSystem(system.name, definition.name, found) }]
  })
  if (!roles.has('worker')) return new Onlooker(contexts, others, world)
  const bus = transport && { transport, system: system.name }
  return new Engine({ contexts, elsewhere: others, world, log, bus, holdMs })
}

async function bringForward(
  system: System,
  { storage, persistence = [], migrations = 'apply' }: HostOptions,
  contexts: readonly ContextRuntime[],
  world: World,
  log: Log,
): Promise<void> {
  const pending = await Promise.all(
    contexts.map(async (it) => ({
      context: it.name,
      steps: await pendingData(it.definition, it.keepers, it.store, world),
    })),
  )
  if (migrations === 'refuse') {
    for (const { context, steps } of pending) {
      const urgent = steps.filter((it) => it.urgent).map((it) => it.what)
      if (urgent.length > 0) throw fault('DURE_STORE_UNMIGRATED', { context, steps: urgent })
    }
  } else if (pending.some(({ steps }) => steps.some((it) => it.kind !== 'free'))) {
    await migrationOf(system, persistence, storage, world).apply({
      alone: pending.every(({ steps }) => steps.every((it) => it.kind !== 'free')),
      onStep: ({ context, what }) => log('info', 'migrating', { context, what }),
    })
  }
  await Promise.all(contexts.map(async (it) => notePastRules(it.keepers, it.store, world)))
}

// What a model says against itself would show only later, as a command that nobody answers or an event that nobody hears.
function refuseWrongModel(system: System): void {
  const errors = checkModel(system).filter(({ level }) => level === 'error')
  if (errors.length === 0) return
  const problems = errors.map((it) => `${it.where}: ${it.message} ${it.fix}`)
  throw fault('DURE_MODEL_WRONG', { system: system.name, problems })
}

interface Parts {
  readonly system: System
  readonly application: Application
  readonly storage: Storage
  readonly world: World
  readonly engine: ReadSide
  readonly jobs: Jobs
  readonly attached: Clients | undefined
  readonly close: () => Promise<void>
}

function running(it: Parts, contexts: readonly ContextRuntime[]): Host {
  const { engine, jobs, world, attached, ...host } = it
  const named = ({ name }: { readonly name: string }): ContextRuntime => {
    const found = contexts.find((context) => context.name === name)
    if (found !== undefined) return found
    throw fault('DURE_MODEL_INVALID', {
      where: `system ${it.system.name}`,
      reason: `it has no context ${name}.`,
      fix: `Name one of ${contexts.map((context) => context.name).join(', ')}.`,
    })
  }
  return {
    ...host,
    repository(aggregate, speaker) {
      const owner = contexts.find((context) => context.definition.aggregates.includes(aggregate))
      if (owner !== undefined) {
        const saving = savingAtOnce(owner, speaker)
        return repositoryOf(keeperOf(owner, aggregate), owner.baselines, world, speaker.tenant ?? '', saving)
      }
      throw fault('DURE_MODEL_INVALID', {
        where: `system ${it.system.name}`,
        reason: `the aggregate ${String(aggregate.name)} belongs to none of its contexts.`,
        fix: 'Add it to the parts of a context.',
      })
    },
    unitOfWork: async (context, speaker, work) => unitOfWork(named(context), speaker, work),
    use: (it) => used(`system ${host.system.name}`, attachedOf(host.system), attached, it) as never,
    within: (context, speaker, client) => workWithin(named(context), speaker, client),
    client: (speaker) => clientOf(it.application, world, speaker),
    status: () => engine.status(),
    relays: () => engine.relays(),
    jobs: () => jobs.status(),
    runJob: (job, input) => jobs.run(job, input),
    published(context) {
      const found = contexts.find((it) => it.name === context)
      return found && servedLog(it.system.name, found, () => engine.settledIn(context))
    },
    async settled() {
      do await engine.settled()
      while (await jobs.settle())
    },
    [Symbol.asyncDispose]: it.close,
  }
}
