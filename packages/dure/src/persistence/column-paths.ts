import type { ListField } from '../domain/fields/list.ts'
import type { OptionalField } from '../domain/fields/optional.ts'

interface Entity<S> {
  readonly key: string
  readonly fields: S
}

type Below<F> = F extends { readonly fields: infer S }
  ? PathOf<S>
  : F extends ListField<infer E>
    ? E extends Entity<infer S>
      ? PathOf<S>
      : never
    : F extends OptionalField<infer O>
      ? Below<O>
      : never

/** The fields of a field map as dotted paths, those of value objects and of lists of entities among them: `shipTo.zipcode`. */
export type PathOf<S> = { [K in keyof S & string]: K | `${K}.${Below<S[K]>}` }[keyof S & string]

type ListsIn<F> = F extends { readonly fields: infer S }
  ? ListPathOf<S>
  : F extends OptionalField<infer O>
    ? ListsIn<O>
    : never

/** The lists of entities of a field map, as dotted paths: `lines`, `lines.discounts`. */
export type ListPathOf<S> = {
  [K in keyof S & string]: S[K] extends ListField<infer E>
    ? E extends Entity<infer T>
      ? K | `${K}.${ListPathOf<T>}`
      : never
    : `${K}.${ListsIn<S[K]>}`
}[keyof S & string]
