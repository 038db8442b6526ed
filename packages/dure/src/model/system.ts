import { fault } from '../kernel/errors/fault.ts'
import { checkName } from '../kernel/names.ts'
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
  readonly map: readonly Relation[]
  readonly routes: readonly Route[]
}

/** Declares a system. What contradicts itself is refused here, before anything runs. */
export function system(
  name: string,
  parts: {
    readonly contexts: readonly Context[]
    readonly map?: readonly Relation[]
    readonly routes?: readonly Route[]
  },
): System {
  checkName('A system', name)
  const contexts = parts.contexts.map((it) => it.definition)
  const names = new Set<string>()
  for (const it of contexts) {
    const lower = it.name.toLowerCase()
    if (names.has(lower)) {
      throw fault('DURE_MODEL_DUPLICATE', { what: 'a context', name: it.name, where: `system ${name}` })
    }
    names.add(lower)
  }
  return { kind: 'system', name, contexts, map: parts.map ?? [], routes: parts.routes ?? [] }
}
