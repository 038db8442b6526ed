import { createApplication } from '../app/application.ts'
import type { Application } from '../app/calls.ts'
import { clientOf, type Client, type Speaker } from '../app/client.ts'
import { contextRuntime, type ContextRuntime } from '../app/context-runtime.ts'
import { repositoryOf } from '../app/repository.ts'
import type { AnyAggregate } from '../domain/aggregate.ts'
import type { Repository } from '../domain/repository.ts'
import { Engine, type ConsumerStatus } from '../engine/engine.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import { checkModel } from '../model/check/check-model.ts'
import type { System } from '../model/system.ts'
import type { Storage } from '../ports/store.ts'
import type { Log } from './log.ts'
import { loggedApplication } from './logged-application.ts'
import { systemWorld } from './system-world.ts'
import { Upkeep } from './upkeep.ts'

/** What a host needs from outside. */
export interface HostOptions {
  /** Where everything is kept; the host opens the contexts and closes it. */
  readonly storage: Storage
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
  /** How far each view and policy has come. */
  status(): readonly ConsumerStatus[]
  /** Resolves when every view and policy has met all that is stored now, and all that followed from it. */
  settled(): Promise<void>
  /** Stops the loops, finishes what is being stored, closes the storage. A second call waits for the first. */
  close(): Promise<void>
}

const silent: Log = () => undefined

/** Opens the contexts of a system on a storage, starts their views and policies. Resolves when it can be asked. */
export async function createHost(system: System, options: HostOptions): Promise<Host> {
  const { storage, world = systemWorld, log = silent } = options
  let engine: Engine | undefined
  let closing: Promise<void> | undefined
  const upkeep = new Upkeep(storage, world, log)
  const close = (): Promise<void> =>
    (closing ??= Promise.all([engine?.stop(), upkeep.stop()]).then(async () => storage.close()))
  try {
    refuseWrongModel(system)
    const contexts = await Promise.all(
      system.contexts.map(async (it) => contextRuntime(it, await storage.openContext(it.name), world)),
    )
    engine = new Engine(contexts, world, log)
    const application = loggedApplication(createApplication(system, contexts, engine), log)
    await engine.start()
    upkeep.start()
    return running({ system, application, storage, world, engine, close }, contexts)
  } catch (error) {
    await close()
    throw error
  }
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
  return {
    ...host,
    repository(aggregate, { actor, tenant = '' }) {
      const owner = contexts.find((context) => context.definition.aggregates.includes(aggregate))
      if (owner !== undefined) {
        const working = {
          tenant,
          meta: () => ({ command: world.newId(), actor, correlation: world.newId() }),
        }
        return repositoryOf(aggregate, owner.store, world, working)
      }
      throw fault('DURE_MODEL_INVALID', {
        where: `system ${it.system.name}`,
        reason: `the aggregate ${String(aggregate.name)} belongs to none of its contexts.`,
        fix: 'Add it to the parts of a context.',
      })
    },
    client: (speaker) => clientOf(it.application, world, speaker),
    status: () => engine.status(),
    settled: () => engine.settled(),
    [Symbol.asyncDispose]: it.close,
  }
}
