import { createApplication } from '../app/application.ts'
import type { Application } from '../app/calls.ts'
import { clientOf, type Client, type Speaker } from '../app/client.ts'
import type { ContextRuntime } from '../app/context-runtime.ts'
import { openContexts } from '../app/open-contexts.ts'
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
import { Engine, type ConsumerStatus } from '../engine/engine.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import { checkModel } from '../model/check/check-model.ts'
import type { System } from '../model/system.ts'
import { migrationOf } from '../migration/migration.ts'
import { notePastRules, pendingData } from '../migration/pending.ts'
import type { Persistence } from '../persistence/persistence.ts'
import type { Storage } from '../ports/store.ts'
import type { Transport } from '../ports/transport.ts'
import type { RelayStatus } from '../engine/bus/relay.ts'
import { silent, type Log } from './log.ts'
import { loggedApplication } from './logged-application.ts'
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
  /** How far each view and policy has come. */
  status(): readonly ConsumerStatus[]
  /** How far the published events of each context have come on their way to the transport; empty without one. */
  relays(): readonly RelayStatus[]
  /** Resolves when every view and policy has met all that is stored now, and all that followed from it. */
  settled(): Promise<void>
  /** Stops the loops, finishes what is being stored, closes the storage. A second call waits for the first. */
  close(): Promise<void>
}

/** The longest that a timer can run. */
const longest = 2 ** 31 - 1

/** Opens the contexts of a system on a storage, starts their views and policies. Resolves when it can be asked. */
export async function createHost(system: System, options: HostOptions): Promise<Host> {
  const { storage, transport, persistence = [], world = systemWorld, log = silent } = options
  let engine: Engine | undefined
  let contexts: readonly ContextRuntime[] = []
  let closing: Promise<void> | undefined
  const upkeep = new Upkeep(storage, world, log)
  const close = (): Promise<void> => (closing ??= closeAll())
  // What is left of a script may be connections that keep no process alive, and closing them is waited for.
  const closeAll = async (): Promise<void> => {
    const release = world.after(longest, () => undefined, true)
    try {
      await Promise.all([engine?.stop(), upkeep.stop()])
      await Promise.all(contexts.map((it) => it.baselines.settled()))
      await Promise.all([storage.close(), transport?.close()])
    } finally {
      release()
    }
  }
  try {
    refuseWrongModel(system)
    contexts = await openContexts(system, persistence, storage, world, options.remember)
    for (const it of storage.warnings ?? []) log('warn', 'the store is not as it should be', { ...it })
    await bringForward(system, options, contexts, world, log)
    const bus = transport && { transport, system: system.name }
    engine = new Engine(contexts, world, log, bus, options.holdMs)
    const application = loggedApplication(createApplication(system, contexts, engine), log)
    await engine.start()
    upkeep.start()
    return running({ system, application, storage, world, engine, close }, contexts)
  } catch (error) {
    await close()
    throw error
  }
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
  readonly engine: Engine
  readonly close: () => Promise<void>
}

function running(it: Parts, contexts: readonly ContextRuntime[]): Host {
  const { engine, world, ...host } = it
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
    within: (context, speaker, client) => workWithin(named(context), speaker, client),
    client: (speaker) => clientOf(it.application, world, speaker),
    status: () => engine.status(),
    relays: () => engine.relays(),
    settled: () => engine.settled(),
    [Symbol.asyncDispose]: it.close,
  }
}
