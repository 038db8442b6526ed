import { heardBy } from '../engine/hearing.ts'
import { fault } from '../kernel/errors/fault.ts'
import { nearest } from '../model/check/nearest.ts'
import type { ContextDefinition } from '../model/context.ts'
import { publisherOf } from '../model/contract.ts'
import { knownByContract, type System } from '../model/system.ts'
import type { Persistence } from '../persistence/persistence.ts'

/**
 * What a process does for its contexts. `web`: answers requests. `worker`: keeps views, carries out policies and publishes.
 * `batch`: runs jobs.
 */
export type Role = 'web' | 'worker' | 'batch'

/** Every role there is. */
export const roles: readonly Role[] = ['web', 'worker', 'batch']

/** What of a system runs in one process. */
export interface Placement {
  readonly here: readonly ContextDefinition[]
  /** Those of other processes; of another repository's only the contract is known. */
  readonly elsewhere: readonly ContextDefinition[]
  readonly roles: ReadonlySet<Role>
}

/**
 * Finds the contexts and roles of a process by their names; all of them where none are named.
 * @throws DURE_CONTEXT_UNKNOWN, DURE_ROLE_UNKNOWN
 */
export function placementOf(
  system: System,
  asked: { readonly contexts?: readonly string[]; readonly roles?: readonly string[] },
): Placement {
  const { contexts = [], roles: wanted = [] } = asked
  const names = system.contexts.map((it) => it.name)
  const unknown = contexts.find((it) => !names.includes(it))
  if (unknown !== undefined) {
    const near = nearest(unknown, names) ?? null
    const foreign = system.elsewhere.some((it) => it.name === unknown)
    throw fault('DURE_CONTEXT_UNKNOWN', {
      system: system.name,
      context: unknown,
      known: names,
      near,
      foreign,
    })
  }
  const isHere = ({ name }: ContextDefinition): boolean => contexts.length === 0 || contexts.includes(name)
  return {
    here: system.contexts.filter(isHere),
    elsewhere: [...system.contexts.filter((it) => !isHere(it)), ...system.elsewhere.map(knownByContract)],
    roles: new Set(wanted.length === 0 ? roles : wanted.map(roleNamed)),
  }
}

function roleNamed(name: string): Role {
  const found = roles.find((it) => it === name)
  if (found !== undefined) return found
  throw fault('DURE_ROLE_UNKNOWN', { role: name, known: roles, near: nearest(name, roles) ?? null })
}

/** The part of a system that is here: its contexts and the routes that lead to them. Its map is the whole one. */
export function systemHere(system: System, { here, elsewhere }: Placement): System {
  if (elsewhere.length === 0) return system
  const names = new Set(here.map((it) => it.name))
  return { ...system, contexts: here, routes: system.routes.filter((it) => names.has(it.target.context)) }
}

/** How the aggregates of the contexts here are kept. */
export function persistenceHere(
  persistence: readonly Persistence[],
  { elsewhere }: Placement,
): readonly Persistence[] {
  const others = new Set(elsewhere.flatMap((it) => it.aggregates.map(({ definition }) => definition)))
  return persistence.filter((it) => !others.has(it.aggregate))
}

/** The contexts whose events the views and policies of a context hear, itself aside. */
function heardContexts(definition: ContextDefinition): readonly string[] {
  const names = heardBy({ definition }).flatMap((event) => {
    const publisher = publisherOf(event)
    if (publisher !== undefined) return [publisher]
    return definition.translators.filter((it) => it.to === event).map((it) => it.from.context)
  })
  return [...new Set(names)].filter((it) => it !== definition.name)
}

/** Contexts elsewhere that those here call or hear, by the context map and what they subscribe to. */
export function neededElsewhere(system: System, { here, elsewhere }: Placement): readonly string[] {
  const own = new Set(here.map((it) => it.name))
  const upstream = system.map.flatMap((it) =>
    'upstream' in it && own.has(it.downstream.name) ? [it.upstream.name] : [],
  )
  const needed = new Set([...upstream, ...here.flatMap(heardContexts)])
  return elsewhere.map((it) => it.name).filter((it) => needed.has(it))
}

/**
 * Refuses a split system that could not hear itself: events would wait for ever, and nobody would be told.
 * @throws DURE_BUS_MISSING, DURE_REMOTE_UNKNOWN
 */
export function refuseUnheard(
  { here, elsewhere, roles: own }: Placement,
  wiring: { readonly bus: boolean; readonly hasLog: (context: string) => boolean },
): void {
  const outside = new Set(elsewhere.map((it) => it.name))
  const inside = new Set(here.map((it) => it.name))
  const heard = [...new Set(here.flatMap(heardContexts))].filter((it) => outside.has(it))
  const hearing = elsewhere
    .filter((it) => heardContexts(it).some((name) => inside.has(name)))
    .map((it) => it.name)
  if (own.has('worker') && !wiring.bus && (heard.length > 0 || hearing.length > 0)) {
    throw fault('DURE_BUS_MISSING', { here: [...inside], heard, hearing })
  }
  const unknown = heard.filter((it) => !wiring.hasLog(it))
  if (unknown.length > 0) {
    const known = heard.filter((it) => wiring.hasLog(it))
    throw fault('DURE_REMOTE_UNKNOWN', { remote: unknown.join(', '), known })
  }
}
