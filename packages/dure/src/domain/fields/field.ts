import type { StandardSchemaV1 } from '@standard-schema/spec'

/** A class made by `valueObject` or `entity`, or a subclass of it. */
export interface DomainClass {
  new (input: never): object
  readonly fields: Fields
}

/** What a field may be: any Standard Schema (zod, valibot, arktype…), a field of Dure, or a class of the model. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the constraint must accept every schema
export type Field = StandardSchemaV1<any, any> | DomainClass

/** A field map: one level, names to fields. */
export interface Fields {
  readonly [name: string]: Field
}

interface Typed {
  readonly '~standard': { readonly types?: { readonly input: unknown; readonly output: unknown } | undefined }
}

/** What a field's value is once accepted. */
export type Output<F> = F extends new (input: never) => infer T
  ? T
  : F extends Typed
    ? NonNullable<F['~standard']['types']>['output']
    : never

/** What a field takes. */
export type Input<F> = F extends new (input: infer I) => infer T
  ? I | T
  : F extends Typed
    ? NonNullable<F['~standard']['types']>['input']
    : never

type Flat<T> = { [K in keyof T]: T[K] } & {}
// Asked only where some field may be undefined: most field maps have none, and finding none field by field was a third of
// what the types of a large model cost.
type OptionalOut<S> = { [K in keyof S]: undefined extends Output<S[K]> ? K : never }[keyof S]
type OptionalIn<S> = { [K in keyof S]: undefined extends Input<S[K]> ? K : never }[keyof S]

/** The values of a field map. A field that may be undefined is an optional key. */
export type OutputOf<S> =
  undefined extends Output<S[keyof S]>
    ? Flat<
        { readonly [K in Exclude<keyof S, OptionalOut<S>>]: Output<S[K]> } & {
          readonly [K in OptionalOut<S>]?: Output<S[K]>
        }
      >
    : { readonly [K in keyof S]: Output<S[K]> }

/** What a field map takes. */
export type InputOf<S> =
  undefined extends Input<S[keyof S]>
    ? Flat<
        { readonly [K in Exclude<keyof S, OptionalIn<S>>]: Input<S[K]> } & {
          readonly [K in OptionalIn<S>]?: Input<S[K]>
        }
      >
    : { readonly [K in keyof S]: Input<S[K]> }
