import type { Access, AccessRule } from '../domain/access/access.ts'
import { checkAccess } from '../domain/access/check-access.ts'
import type { AnyAggregate } from '../domain/aggregate.ts'
import type { AnyCommand } from '../domain/command.ts'
import type { DomainService } from '../domain/domain-service.ts'
import type { InputOf, OutputOf } from '../domain/fields/field.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Attached } from './attached/attached.ts'
import type { AnyContract, Contract, FieldMaps, QueryShapes } from './contract.ts'
import type { AnswerOf, Handler, QueryHandler } from './handler.ts'
import type { AnyJob } from './jobs/job.ts'
import type { AnyPoller } from './jobs/poller.ts'
import type { AnyPolicy } from './policy.ts'
import type { Publication } from './publish.ts'
import type { Translator } from './translator.ts'
import type { AnyView } from './view.ts'

/** What a bounded context is made of. */
export type Part =
  | AnyAggregate
  | AnyView
  | AnyPolicy
  | AnyJob
  | AnyPoller
  | Translator
  | DomainService<string, unknown>
  | Attached<unknown>

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
  Section<'queries', Q, { readonly [K in keyof Q]: QueryHandler<Q[K]['in'], Q[K]['out']> }> & {
    /** Who may use them. What an aggregate's command says of itself holds beside it. */
    readonly allow?: Allowances<C, Q>
  }

/** Who may give the commands and ask the queries of a contract. */
export interface Allowances<C extends FieldMaps, Q extends QueryShapes> {
  readonly commands?: { readonly [K in keyof C]?: Access<unknown, OutputOf<C[K]>> }
  readonly queries?: {
    readonly [K in keyof Q]?: Access<AnswerOf<Q[K]['out']>, OutputOf<Q[K]['in']>>
  }
}

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
  readonly jobs: readonly AnyJob[]
  readonly pollers: readonly AnyPoller[]
  readonly translators: readonly Translator[]
  readonly services: readonly DomainService<string, unknown>[]
  /** The settings and backing services that its handlers use. */
  readonly attached: readonly Attached<unknown>[]
  readonly commands: ReadonlyMap<string, AnyCommand | Handler<never, PropertyKey>>
  readonly events: ReadonlyMap<string, Publication<unknown>>
  readonly queries: ReadonlyMap<string, QueryHandler<never, never>>
  /** Who may, by the names of the contract. */
  readonly allow: {
    readonly commands: Readonly<Record<string, AccessRule>>
    readonly queries: Readonly<Record<string, AccessRule>>
  }
}

/**
 * Declares the inside of a bounded context: its aggregates, views, policies, jobs, pollers, translators and domain services,
 * with the settings and resources that they use.
 */
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
      const { commands = {}, events = {}, queries = {}, allow = {} } = implementation as Loose
      const definition: ContextDefinition = {
        name: contract.name,
        contract: contract,
        ...sort(contract.name, parts),
        commands: complete(contract.name, 'command', contract.commands, commands),
        events: complete(contract.name, 'event', contract.events, events),
        queries: complete(contract.name, 'query', contract.queries, queries),
        allow: {
          commands: allowances(contract.name, 'command', contract.commands, allow.commands),
          queries: allowances(contract.name, 'query', contract.queries, allow.queries),
        },
      }
      return { kind: 'context', name: contract.name, definition }
    },
  }
}

interface Loose {
  readonly commands?: Record<string, never>
  readonly events?: Record<string, never>
  readonly queries?: Record<string, never>
  readonly allow?: { readonly commands?: Rules; readonly queries?: Rules }
}

type Rules = Readonly<Record<string, AccessRule>>

function sort(
  name: string,
  parts: readonly Part[],
): Pick<
  ContextDefinition,
  'aggregates' | 'views' | 'policies' | 'jobs' | 'pollers' | 'translators' | 'services' | 'attached'
> {
  for (const it of parts as readonly ({ readonly kind?: unknown } | undefined)[]) mustBePart(name, it)
  const sorted = {
    aggregates: parts.filter((it) => it.kind === 'aggregate'),
    views: parts.filter((it) => it.kind === 'view'),
    policies: parts.filter((it) => it.kind === 'policy'),
    jobs: parts.filter((it) => it.kind === 'job'),
    pollers: parts.filter((it) => it.kind === 'poller'),
    translators: parts.filter((it) => it.kind === 'translator'),
    services: parts.filter((it) => it.kind === 'domain-service'),
    attached: parts.filter((it): it is Attached<unknown> => it.kind === 'settings' || it.kind === 'resource'),
  }
  unique(name, 'an aggregate', sorted.aggregates)
  unique(name, 'a view', sorted.views)
  unique(name, 'a policy', sorted.policies)
  unique(name, 'a job or poller', [...sorted.jobs, ...sorted.pollers])
  unique(name, 'a resource', sorted.attached)
  return sorted
}

const kinds = new Set<unknown>([
  'aggregate',
  'view',
  'policy',
  'job',
  'poller',
  'translator',
  'domain-service',
  'settings',
  'resource',
])

function mustBePart(context: string, part: { readonly kind?: unknown } | undefined): void {
  if (kinds.has(part?.kind)) return
  throw fault('DURE_MODEL_INVALID', {
    where: `context ${context}`,
    reason: `one of its parts is ${typeof part?.kind === 'string' ? `of the kind ${part.kind}` : 'nothing of the model'}.`,
    fix: 'Give it aggregates, views, policies, jobs, pollers, translators, domain services, settings and resources; the rest hangs on these.',
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

function allowances(context: string, what: string, promised: object, rules: Rules = {}): Rules {
  const extra = Object.keys(rules).filter((name) => !Object.hasOwn(promised, name))
  if (extra.length > 0) {
    throw fault('DURE_MODEL_INVALID', {
      where: `context ${context}`,
      reason: `\`allow\` names the ${what} ${extra.join(', ')}, which its contract does not promise.`,
      fix: 'Name commands and queries of the contract.',
    })
  }
  for (const [name, it] of Object.entries(rules)) {
    checkAccess(`${what} ${context}.${name}`, it, what === 'query')
  }
  return { ...rules }
}
