import type { AnyEvent } from '../domain/event.ts'
import type { OutputOf } from '../domain/fields/field.ts'
import type { Message } from './message.ts'

/** How an inner event becomes a published one. Run when the log is read, so a mended mapping can be published again. */
export interface Publication<D> {
  readonly from: AnyEvent
  readonly as: (event: never, message: Message) => unknown
  /** Types only. */
  readonly '~data'?: D
}

/** Translates an inner event into the published one it stands beside; `undefined` publishes nothing. Pure. */
export function publish<E extends AnyEvent, D extends object>(
  from: E,
  as: (
    event: E extends { readonly fields: infer F } ? OutputOf<F> : never,
    message: Message,
  ) => D | undefined,
): Publication<D> {
  return { from, as: as }
}
