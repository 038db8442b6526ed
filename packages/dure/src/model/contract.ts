import type { AnyEvent } from '../domain/event.ts'
import type { Field, Fields } from '../domain/fields/field.ts'
import { shapeOf, type Shape } from '../domain/fields/shape.ts'
import type { Json } from '../kernel/json.ts'
import { checkName } from '../kernel/names.ts'
import { attachAnswer, attachRejections, type AnswerCodec } from './shapes-of-call.ts'

/** Field maps by name. */
export interface FieldMaps {
  readonly [name: string]: Fields
}

/** A query's shapes: what it asks and what it answers, a field map or one field such as `list(object(Row))`. */
export interface QueryShape {
  readonly in: Fields
  readonly out: Fields | Field
}

export interface QueryShapes {
  readonly [name: string]: QueryShape
}

/** A command of a contract, as a value to point at. A field named `id` says which aggregate it is for. */
export interface ContractCommand<X extends string, N extends string, F, R = FieldMaps> {
  readonly kind: 'contract-command'
  readonly context: X
  readonly name: N
  readonly fields: F
  /** Types only: the rejections of the contract. */
  readonly '~rejections'?: R
}

/** A published event, as a value to point at from other contexts. */
export interface ContractEvent<X extends string, N extends string, F> {
  readonly kind: 'event'
  readonly context: X
  readonly name: N
  readonly fields: F
  readonly version: number
}

/** A query of a contract, as a value to point at. */
export interface ContractQuery<X extends string, N extends string, I, O> {
  readonly kind: 'contract-query'
  readonly context: X
  readonly name: N
  readonly in: I
  readonly out: O
}

/**
 * What a bounded context promises to others: shapes only. The one file (or package) of a context that another may import
 * (a published language, Evans, Domain-Driven Design, ch. 14).
 */
export interface Contract<
  in out N extends string,
  in out C extends FieldMaps,
  in out E extends FieldMaps,
  in out R extends FieldMaps,
  in out Q extends QueryShapes,
> {
  readonly kind: 'contract'
  readonly name: N
  readonly commands: { readonly [K in keyof C & string]: ContractCommand<N, K, C[K], R> }
  readonly events: { readonly [K in keyof E & string]: ContractEvent<N, K, E[K]> }
  /** The reasons to say no that callers may count on. */
  readonly rejections: R
  readonly queries: {
    readonly [K in keyof Q & string]: ContractQuery<N, K, Q[K]['in'], Q[K]['out']>
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- constraint over every contract
export type AnyContract = Contract<any, any, any, any, any>

/** Declares the contract of a bounded context. */
export function contract<
  const N extends string,
  const C extends FieldMaps = {},
  const E extends FieldMaps = {},
  const R extends FieldMaps = {},
  const Q extends QueryShapes = {},
>(
  name: N,
  declared: { readonly commands?: C; readonly events?: E; readonly rejections?: R; readonly queries?: Q },
): Contract<N, C, E, R, Q> {
  checkName('A context', name)
  const { commands = {}, events = {}, rejections = {}, queries = {} } = declared
  const made = {
    kind: 'contract',
    name,
    commands: named('A command', name, commands, (fields) => ({ kind: 'contract-command', fields })),
    events: named('An event', name, events, (fields) => ({ kind: 'event', fields, version: 1 })),
    rejections,
    queries: named('A query', name, queries, (it) => ({ kind: 'contract-query', ...(it as QueryShape) })),
  }
  for (const key of Object.keys(rejections)) checkName(`A rejection of ${name}`, key)
  const asked = Object.fromEntries(Object.entries<QueryShape>(queries).map(([key, it]) => [key, it.in]))
  for (const maps of [commands, events, rejections, asked]) mustCompile(name, maps)
  for (const it of Object.values(made.queries)) attachAnswer(it, () => answerCodec(it as NamedQuery))
  const shapes = (): ReadonlyMap<string, Shape> => rejectionShapes(name, rejections)
  for (const it of Object.values(made.commands)) attachRejections(it, shapes)
  return made as unknown as Contract<N, C, E, R, Q>
}

interface NamedQuery extends QueryShape {
  readonly name: string
}

function answerCodec({ name, out }: NamedQuery): AnswerCodec {
  const single = typeof out === 'function' || '~standard' in out
  if (!single) return shapeOf(out, name)
  const shape = shapeOf({ answer: out as Field }, name)
  return {
    parse: (value, issues, reading) => shape.parse({ answer: value }, issues, reading)['answer'],
    encode: (value) => shape.encode({ answer: value })['answer'] as Json,
    decode: (json) => shape.decode({ answer: json })['answer'],
  }
}

function rejectionShapes(context: string, rejections: FieldMaps): ReadonlyMap<string, Shape> {
  const made = ([name, fields]: [string, Fields]) => [name, shapeOf(fields, `${context}.${name}`)] as const
  return new Map(Object.entries(rejections).map(made))
}

// Compiled only to see that they can be: a wrong field is reported where it is written, not where it is first used.
function mustCompile(context: string, maps: FieldMaps): void {
  for (const [name, fields] of Object.entries(maps)) shapeOf(fields, `${context}.${name}`)
}

function named(
  what: string,
  context: string,
  shapes: object,
  make: (shape: unknown) => object,
): Record<string, object> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      checkName(`${what} of ${context}`, name)
      return [name, { ...make(shape), context, name }]
    }),
  )
}

/** The context that published an event, or undefined for an event from inside. */
export function publisherOf(event: AnyEvent): string | undefined {
  return (event as Partial<ContractEvent<string, string, Fields>>).context
}
