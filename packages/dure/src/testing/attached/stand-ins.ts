import { fault } from '../../kernel/errors/fault.ts'
import { attachedOf, declaredVariables } from '../../host/config/declared.ts'
import { problemsOf, readVariables } from '../../host/config/read-variables.ts'
import { systemWorld } from '../../host/system-world.ts'
import type { World } from '../../kernel/world.ts'
import type { Attached } from '../../model/attached/attached.ts'
import type { Broker, Database, ThirdParty } from '../../model/attached/clients.ts'
import type { Resource } from '../../model/attached/resource.ts'
import type { System } from '../../model/system.ts'
import { cacheOn } from '../../resources/cache/entries.ts'
import { memoryEntries } from '../../resources/cache/memory-cache.ts'
import { memoryObjects } from '../../resources/objects/memory-objects.ts'

/** What a test puts in the place of settings or a resource. */
export interface StandIn {
  readonly for: Attached<unknown>
  readonly client: unknown
}

/** Puts a client, or values, in the place of what is declared: `standIn(mail, { SMTP_URL: 'smtp://localhost' })`. */
export function standIn<T>(attached: Attached<T>, client: NoInfer<T>): StandIn {
  return { for: attached, client }
}

/**
 * What stands behind the settings and resources of a system in a test, for `createHost(system, { attached })`: what is
 * given, caches and object stores in memory, settings at their defaults. A third party, a database or a broker that nothing
 * is given for fails when it is used.
 * @throws DURE_CONFIG_INVALID for settings without a default that nothing is given for
 */
export function standIns(
  system: System,
  given: readonly StandIn[] = [],
  world: World = systemWorld,
): ReadonlyMap<Attached<unknown>, unknown> {
  const clients = new Map<Attached<unknown>, unknown>(given.map((it) => [it.for, it.client]))
  for (const it of attachedOf(system)) {
    if (clients.has(it)) continue
    clients.set(
      it,
      it.kind === 'settings' ? defaultsOf(system, it) : inMemory(it as Resource<unknown>, world),
    )
  }
  return clients
}

function defaultsOf(system: System, settings: Attached<unknown>): object {
  const entries = readVariables(declaredVariables(system, [settings], {}, true), {})
  const problems = problemsOf(entries)
  if (problems.length > 0) throw fault('DURE_CONFIG_INVALID', { problems })
  return Object.fromEntries(entries.map(({ name, value }) => [name, value]))
}

function inMemory({ name, spec }: Resource<unknown>, world: World): unknown {
  switch (spec.type) {
    case 'cache':
      return cacheOn(name, spec.shape, memoryEntries(world).client)
    case 'objectStore':
      return memoryObjects(name).client
    case 'http':
      return { request: nobody(name), get: nobody(name), post: nobody(name) } satisfies ThirdParty
    case 'database':
      return { query: nobody(name), transaction: nobody(name) } satisfies Database
    default:
      return { publish: nobody(name), ask: nobody(name) } satisfies Broker
  }
}

function nobody(resource: string): () => Promise<never> {
  return () => {
    const reason = 'nothing stands in for it: give standIns(system, […]) one'
    return Promise.reject(fault('DURE_RESOURCE_UNAVAILABLE', { resource, reason }))
  }
}
