import type { ContextRuntime } from '../app/context-runtime.ts'
import { digest } from '../app/digest.ts'
import type { AnyEvent } from '../domain/event.ts'
import type { PolicyDefinition } from '../model/policy.ts'
import type { ViewDefinition, ViewSubscription } from '../model/view.ts'
import { bySource, channelsOf, type Channel, type EventOrigin } from './incoming.ts'
import type { Heard } from './view-work.ts'

/** A context and how its log is read. */
export type Origins = ReadonlyMap<string, EventOrigin>

/** What one consumer hears of one source. */
export interface Hearing {
  /** `view:` and the name of its rows, or `policy:` and its name. */
  readonly consumer: string
  /** Name of the context. */
  readonly source: string
  /** At least one, all of the source. */
  readonly channels: readonly Channel[]
}

/** What a view hears, source by source. */
export function viewHearings(
  context: ContextRuntime,
  view: ViewDefinition,
  origins: Origins,
): readonly (Hearing & { readonly heard: readonly Heard[] })[] {
  const heard = view.subscriptions.flatMap((subscription: ViewSubscription) =>
    channelsOf(context, subscription.event, origins).map((channel) => ({ subscription, channel })),
  )
  return bySource(heard).map((some) => ({ ...hearing(`view:${rowsName(view)}`, some), heard: some }))
}

/** What a policy hears, source by source. */
export function policyHearings(
  context: ContextRuntime,
  policy: PolicyDefinition,
  origins: Origins,
): readonly Hearing[] {
  const heard = channelsOf(context, policy.event, origins).map((channel) => ({ channel }))
  return bySource(heard).map((some) => hearing(`policy:${policy.name}`, some))
}

function hearing(consumer: string, heard: readonly { readonly channel: Channel }[]): Hearing {
  const channels = heard.map((it) => it.channel)
  return { consumer, source: (channels[0] as Channel).source.name, channels }
}

/** The events that the views and policies of a context hear. */
export function heardBy({ definition }: Pick<ContextRuntime, 'definition'>): readonly AnyEvent[] {
  return [
    ...definition.policies.map((it) => it.definition.event),
    ...definition.views.flatMap((it) => it.definition.subscriptions.map(({ event }) => event)),
  ]
}

/** What a view's rows are stored under: of another fold, another name. Its consumer is `view:` and this. */
export function rowsName(view: ViewDefinition): string {
  const text = view.subscriptions.map((it) => [it.event.name, it.from ?? '', String(it.key), String(it.fold)])
  const fields = [...view.shape.codecs].map(([name, codec]) => [name, codec.describe()])
  return `${view.name}@${digest(text, fields, view.keyField).slice(0, 8)}`
}
