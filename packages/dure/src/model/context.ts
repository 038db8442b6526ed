import type { AnyAggregate } from '../domain/aggregate.ts'
import type { AnyCommand } from '../domain/command.ts'
import type { DomainService } from '../domain/domain-service.ts'
import type { InputOf, OutputOf } from '../domain/fields/field.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { AnyContract, Contract, FieldMaps, QueryShapes } from './contract.ts'
import type { Handler, QueryHandler } from './handler.ts'
import type { AnyPolicy } from './policy.ts'
import type { Publication } from './publish.ts'
import type { Translator } from './translator.ts'
import type { AnyView } from './view.ts'

/** What a bounded context is made of. */
export type Part = AnyAggregate | AnyView | AnyPolicy | Translator | DomainService<string, unknown>

/**
 * What may keep a contract's command: a command of an aggregate itself, when it takes the contract's fields (besides `id`,
 * which says whom it is for; without it only a factory will do), or a `handle(…)`. Either may reject only with what the
 * contract declares.
 */
export type KeepsCommand<CF, R> =
  | {
      readonly kind: 'command'
      readonly mode: 'id' extends keyof CF ? 'creates' | 'changes' : 'creates'
      readonly '~accepts'?: (input: OutputOf<CF>) => void
      readonly '~rejects'?: keyof R
    }
  | Handler<OutputOf<CF>, keyof R>

type Section<K extends string, Shapes, T> = keyof Shapes extends never
  ? { readonly [P in K]?: {} }
  : { readonly [P in K]: T }

/** Everything a contract promises, with what keeps it. */
export type Implementation<
  C extends FieldMaps,
  E extends FieldMaps,
  R extends FieldMaps,
  Q extends QueryShapes,
> = Section<'commands', C, { readonly [K in keyof C]: KeepsCommand<C[K], R> }> &
  Section<'events', E, { readonly [K in keyof E]: Publication<InputOf<E[K]>> }> &
  Section<'queries', Q, { readonly [K in keyof Q]: QueryHandler<Q[K]['in'], Q[K]['out']> }>

/** A bounded context: a model with its own language, log and schema, behind its contract. */
export interface Context<N extends string = string> {
  readonly kind: 'context'
  readonly name: N
  readonly definition: ContextDefinition
}

export interface ContextDefinition {
  readonly name: string
  readonly contract: AnyContract
  readonly aggregates: readonly AnyAggregate[]
  readonly views: readonly AnyView[]
  readonly policies: readonly AnyPolicy[]
  readonly translators: readonly Translator[]
  readonly services: readonly DomainService<string, unknown>[]
  readonly commands: ReadonlyMap<string, AnyCommand | Handler<never, PropertyKey>>
  readonly events: ReadonlyMap<string, Publication<unknown>>
  readonly queries: ReadonlyMap<string, QueryHandler<never, never>>
}

/** Declares the inside of a bounded context: its aggregates, views, policies, translators and domain services. */
export function context<
  N extends string,
  C extends FieldMaps,
  E extends FieldMaps,
  R extends FieldMaps,
  Q extends QueryShapes,
>(
  contract: Contract<N, C, E, R, Q>,
  parts: readonly Part[],
): {
  /** Says what keeps each promise of the contract; the compiler names what is missing. */
  implements(implementation: Implementation<C, E, R, Q>): Context<N>
} {
  return {
    implements(implementation) {
      const { commands = {}, events = {}, queries = {} } = implementation as Loose
      const definition: ContextDefinition = {
        name: contract.name,
        contract: contract,
        ...sort(contract.name, parts),
        commands: complete(contract.name, 'command', contract.commands, commands),
        events: complete(contract.name, 'event', contract.events, events),
        queries: complete(contract.name, 'query', contract.queries, queries),
      }
      return { kind: 'context', name: contract.name, definition }
    },
  }
}

interface Loose {
  readonly commands?: Record<string, never>
  readonly events?: Record<string, never>
  readonly queries?: Record<string, never>
}

function sort(
  name: string,
  parts: readonly Part[],
): Pick<ContextDefinition, 'aggregates' | 'views' | 'policies' | 'translators' | 'services'> {
  for (const it of parts as readonly ({ readonly kind?: unknown } | undefined)[]) mustBePart(name, it)
  const sorted = {
    aggregates: parts.filter((it) => it.kind === 'aggregate'),
    views: parts.filter((it) => it.kind === 'view'),
    policies: parts.filter((it) => it.kind === 'policy'),
    translators: parts.filter((it) => it.kind === 'translator'),
    services: parts.filter((it) => it.kind === 'domain-service'),
  }
  unique(name, 'an aggregate', sorted.aggregates)
  unique(name, 'a view', sorted.views)
  unique(name, 'a policy', sorted.policies)
  return sorted
}

const kinds = new Set<unknown>(['aggregate', 'view', 'policy', 'translator', 'domain-service'])

function mustBePart(context: string, part: { readonly kind?: unknown } | undefined): void {
  if (kinds.has(part?.kind)) return
  throw fault('DURE_MODEL_INVALID', {
    where: `context ${context}`,
    reason: `one of its parts is ${typeof part?.kind === 'string' ? `of the kind ${part.kind}` : 'nothing of the model'}.`,
    fix: 'Give it aggregates, views, policies, translators and domain services; the rest hangs on these.',
  })
}

function unique(where: string, what: string, named: readonly { readonly name: string }[]): void {
  const seen = new Set<string>()
  for (const { name } of named) {
    if (seen.has(name)) throw fault('DURE_MODEL_DUPLICATE', { what, name, where: `context ${where}` })
    seen.add(name)
  }
}

function complete<T>(
  context: string,
  what: string,
  promised: object,
  kept: Readonly<Record<string, T>>,
): ReadonlyMap<string, T> {
  const missing = Object.keys(promised).filter((name) => !Object.hasOwn(kept, name))
  const extra = Object.keys(kept).filter((name) => !Object.hasOwn(promised, name))
  if (missing.length > 0 || extra.length > 0) {
    const reason =
      missing.length > 0
        ? `nothing implements the ${what} ${missing.join(', ')} of its contract.`
        : `it implements the ${what} ${extra.join(', ')}, which its contract does not promise.`
    throw fault('DURE_MODEL_INVALID', {
      where: `context ${context}`,
      reason,
      fix: 'Make .implements({…}) and the contract name the same things.',
    })
  }
  return new Map(Object.entries(kept))
}
