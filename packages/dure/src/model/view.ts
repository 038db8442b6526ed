import type { AnyEvent } from '../domain/event.ts'
import type { Fields, OutputOf } from '../domain/fields/field.ts'
import { shapeOf, type Shape } from '../domain/fields/shape.ts'
import { fault } from '../kernel/errors/fault.ts'
import { checkName } from '../kernel/names.ts'
import { publisherOf } from './contract.ts'
import type { Message } from './message.ts'

type DataOfEvent<E> = E extends { readonly fields: infer F } ? OutputOf<F> : never

/**
 * A read model: rows folded from events (the query side of CQRS). Every store runs the same fold, so rows and the place
 * read up to change together, and a view rebuilt equals the view kept.
 */
export interface View<N extends string, S extends Fields> {
  readonly kind: 'view'
  readonly name: N
  readonly row: S
  /**
   * Adds a subscription: the key of the row an event changes (undefined: none), and the row after it; `undefined` comes
   * in where there is none yet, `null` goes out to remove it. Pure.
   */
  on<E extends AnyEvent>(
    event: E,
    key: (event: DataOfEvent<E>, message: Message) => string | undefined,
    fold: (
      row: OutputOf<S> | undefined,
      event: DataOfEvent<E>,
      message: Message,
    ) => OutputOf<S> | null | undefined,
  ): View<N, S>
  /** @internal */
  readonly definition: ViewDefinition
}

export interface ViewSubscription {
  readonly event: AnyEvent
  /** The publishing context; undefined for the view's own context. */
  readonly from: string | undefined
  readonly key: (event: object, message: Message) => string | undefined
  readonly fold: (row: object | undefined, event: object, message: Message) => object | null | undefined
}

/** A view as data. */
export interface ViewDefinition {
  readonly name: string
  readonly keyField: string
  readonly shape: Shape
  readonly subscriptions: readonly ViewSubscription[]
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- constraint over every view
export type AnyView = View<any, any>

/** Declares a read model: its name, the field that keys it, and its row. */
export function view<const N extends string, const S extends Fields>(
  name: N,
  key: keyof S & string,
  row: S,
): View<N, S> {
  checkName('A view', name)
  if (!Object.hasOwn(row, key)) {
    throw fault('DURE_MODEL_INVALID', {
      where: `view ${name}`,
      reason: `its key ${key} is not a field of its row.`,
      fix: 'Name a field of the row.',
    })
  }
  const definition = { name, keyField: key, shape: shapeOf(row, name), subscriptions: [] }
  return make(definition) as unknown as View<N, S>
}

function make(definition: ViewDefinition): object {
  return {
    kind: 'view',
    name: definition.name,
    row: definition.shape.fields,
    definition,
    on(event: AnyEvent, key: ViewSubscription['key'], fold: ViewSubscription['fold']) {
      if (definition.subscriptions.some((it) => it.event === event)) {
        throw fault('DURE_MODEL_DUPLICATE', {
          what: 'a subscription',
          name: event.name,
          where: `view ${definition.name}`,
        })
      }
      const added = { event, from: publisherOf(event), key, fold }
      return make({ ...definition, subscriptions: [...definition.subscriptions, added] })
    },
  }
}
