import { fault } from '../kernel/errors/fault.ts'
import { checkName } from '../kernel/names.ts'
import type { Settings } from './attached/settings.ts'
import type { Context, ContextDefinition } from './context.ts'
import type { AnyContract } from './contract.ts'
import type { Route } from './route.ts'

/**
 * How a downstream context stands to an upstream one (Evans, Domain-Driven Design, ch. 14); each changes what
 * `dure check` allows downstream.
 *
 * - `anti-corruption`: only translators name upstream types; domain code never does.
 * - `conformist`: upstream contract types may be used inside.
 * - `customer-supplier`: as anti-corruption, and the customer's expectations are a test in the supplier's suite.
 * - `open-host`: the upstream serves anyone by its contract; as conformist.
 */
export type RelationKind = 'anti-corruption' | 'conformist' | 'customer-supplier' | 'open-host'

/** One edge of the context map. Without an edge: no call, no subscription. */
export type Relation =
  | { readonly upstream: AnyContract; readonly downstream: AnyContract; readonly as: RelationKind }
  /** One named package that both include. */
  | { readonly sharedKernel: string; readonly between: readonly AnyContract[] }

/** A system: bounded contexts, the map between them, and its REST routes. */
export interface System {
  readonly kind: 'system'
  readonly name: string
  readonly contexts: readonly ContextDefinition[]
  /** Contexts of the system whose inside is in other repositories: known by contract alone, and never run here. */
  readonly elsewhere: readonly AnyContract[]
  readonly map: readonly Relation[]
  readonly routes: readonly Route[]
  /** Settings that no context has: those of its program. */
  readonly config: readonly Settings<unknown>[]
}

/** Declares a system. What contradicts itself is refused here, before anything runs. */
export function system(
  name: string,
  parts: {
    readonly contexts: readonly Context[]
    /** The contracts of contexts whose inside is in other repositories. */
    readonly elsewhere?: readonly AnyContract[]
    readonly map?: readonly Relation[]
    readonly routes?: readonly Route[]
    readonly config?: readonly Settings<unknown>[]
  },
): System {
  checkName('A system', name)
  const contexts = parts.contexts.map((it) => it.definition)
  const { elsewhere = [] } = parts
  for (const it of elsewhere) mustBeContract(name, it)
  const names = new Set<string>()
  for (const it of [...contexts.map(({ contract }) => contract), ...elsewhere]) {
    const context = it.name as string
    const lower = context.toLowerCase()
    if (names.has(lower)) {
      throw fault('DURE_MODEL_DUPLICATE', { what: 'a context', name: context, where: `system ${name}` })
    }
    names.add(lower)
  }
  return {
    kind: 'system',
    name,
    contexts,
    elsewhere,
    map: parts.map ?? [],
    routes: parts.routes ?? [],
    config: parts.config ?? [],
  }
}

/** The contracts of all contexts of a system, wherever their inside is. */
export function contractsOf(system: System): readonly AnyContract[] {
  return [...system.contexts.map((it): AnyContract => it.contract), ...system.elsewhere]
}

/** What is known of a context by its contract alone: it promises, and nothing is known to keep it. */
export function knownByContract(contract: AnyContract): ContextDefinition {
  return {
    name: contract.name as string,
    contract,
    aggregates: [],
    views: [],
    policies: [],
    jobs: [],
    pollers: [],
    translators: [],
    services: [],
    attached: [],
    commands: new Map(),
    events: new Map(),
    queries: new Map(),
    allow: { commands: {}, queries: {} },
  }
}

function mustBeContract(system: string, given: { readonly kind?: unknown } | undefined): void {
  if (given?.kind === 'contract') return
  const found = typeof given?.kind === 'string' ? `something of the kind ${given.kind}` : 'no part of a model'
  throw fault('DURE_MODEL_INVALID', {
    where: `system ${system}`,
    reason: `\`elsewhere\` holds ${found}.`,
    fix: 'Give it contract(…) of contexts in other repositories; a context(…) of this one belongs to `contexts`.',
  })
}
