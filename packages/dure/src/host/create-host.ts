import { createApplication } from '../app/application.ts'
import type { Application } from '../app/calls.ts'
import { clientOf, type Client, type Speaker } from '../app/client.ts'
import { contextRuntime } from '../app/context-runtime.ts'
import { Engine, type ConsumerStatus } from '../engine/engine.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import { checkModel } from '../model/check/check-model.ts'
import type { System } from '../model/system.ts'
import type { Storage } from '../ports/store.ts'
import type { Log } from './log.ts'
import { loggedApplication } from './logged-application.ts'
import { systemWorld } from './system-world.ts'

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
  const close = (): Promise<void> =>
    (closing ??= Promise.resolve(engine?.stop()).then(async () => storage.close()))
  try {
    refuseWrongModel(system)
    const contexts = await Promise.all(
      system.contexts.map(async (it) => contextRuntime(it, await storage.openContext(it.name), world)),
    )
    engine = new Engine(contexts, world, log)
    const application = loggedApplication(createApplication(system, contexts, engine), log)
    await engine.start()
    return running({ system, application, storage, world, engine, close })
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

function running(it: {
  readonly system: System
  readonly application: Application
  readonly storage: Storage
  readonly world: World
  readonly engine: Engine
  readonly close: () => Promise<void>
}): Host {
  const { engine, world, ...host } = it
  return {
    ...host,
    client: (speaker) => clientOf(it.application, world, speaker),
    status: () => engine.status(),
    settled: () => engine.settled(),
    [Symbol.asyncDispose]: it.close,
  }
}
