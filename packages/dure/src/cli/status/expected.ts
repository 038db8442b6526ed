import { contextRuntime, recordedTypeOf, type ContextRuntime } from '../../app/context-runtime.ts'
import { rowsName } from '../../engine/hearing.ts'
import {
  bySource,
  channelsOf,
  originElsewhere,
  publishedBy,
  type Channel,
  type EventOrigin,
} from '../../engine/incoming.ts'
import { systemWorld } from '../../host/system-world.ts'
import type { AnyEvent } from '../../domain/event.ts'
import { knownByContract, type System } from '../../model/system.ts'
import type { StoredEvent } from '../../ports/event-store.ts'
import type { ContextStore, Storage } from '../../ports/store.ts'

/** A consumer that the model asks for. */
export interface Expected {
  readonly context: string
  readonly store: ContextStore
  /** `policy:` and its name, or `view:` and the name of its rows. */
  readonly consumer: string
  readonly source: ContextRuntime
  /** Whether an event could be for it; without decoding. */
  readonly concerns: (event: StoredEvent) => boolean
}

/** Opens the contexts of a system and compiles their models, to ask about them: nothing of it runs. */
export async function openRuntimes(system: System, storage: Storage): Promise<readonly ContextRuntime[]> {
  return Promise.all(
    system.contexts.map(async (it) => {
      const store = await storage.openContext(it.name)
      return contextRuntime(it, store, systemWorld, new Map())
    }),
  )
}

/** The policies and views of a context, once for each source. */
export function expectedOf(
  context: ContextRuntime,
  all: ReadonlyMap<string, ContextRuntime>,
): readonly Expected[] {
  return hearingsOf(context, all).map(({ consumer, heard }) => {
    const { name } = (heard[0] as Heard).channel.source
    const source = all.get(name) as ContextRuntime
    const concerns = (event: StoredEvent): boolean => heard.some(({ channel }) => channel.concerns(event))
    return { context: context.name, store: context.store, consumer, source, concerns }
  })
}

/** The policies and views of a context that hear contexts of other repositories, once for each source. */
export function expectedElsewhere(context: ContextRuntime, system: System): readonly Foreign[] {
  const origins = system.elsewhere.map((it) => originElsewhere(knownByContract(it)))
  const { name, store } = context
  return hearingsOf(context, new Map(origins.map((it) => [it.name, it])))
    .map(({ consumer, heard }) => ({ consumer, source: (heard[0] as Heard).channel.source.name }))
    .filter(({ source }) => source !== name)
    .map((it) => ({ ...it, context: name, store }))
}

/** A consumer of events whose log is in another repository's store. */
export interface Foreign extends Pick<Expected, 'context' | 'store' | 'consumer'> {
  readonly source: string
}

interface Heard {
  readonly channel: Channel
}

function hearingsOf(
  context: ContextRuntime,
  all: ReadonlyMap<string, EventOrigin>,
): readonly { readonly consumer: string; readonly heard: readonly Heard[] }[] {
  const { policies, views } = context.definition
  const each = (consumer: string, events: readonly AnyEvent[]) =>
    bySource(events.flatMap((event) => channelsOf(context, event, all).map((channel) => ({ channel })))).map(
      (heard) => ({ consumer, heard }),
    )
  return [
    ...policies.flatMap(({ definition: it }) => each(`policy:${it.name}`, [it.event])),
    ...views.flatMap(({ definition: it }) =>
      each(
        `view:${rowsName(it)}`,
        it.subscriptions.map(({ event }) => event),
      ),
    ),
  ]
}

/** Whether a relay puts anything of an event into the topic of its context: what cannot be read is told there too. */
export function isForTopic(context: ContextRuntime, event: StoredEvent): boolean {
  if (recordedTypeOf(context, event) === undefined) return true
  try {
    return publishedBy(context, event).length > 0
  } catch {
    return true
  }
}
