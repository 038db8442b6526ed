import { contextRuntime, recordedTypeOf, type ContextRuntime } from '../../app/context-runtime.ts'
import { rowsName } from '../../engine/engine.ts'
import { bySource, channelsOf, publishedBy, type Channel } from '../../engine/incoming.ts'
import { systemWorld } from '../../host/system-world.ts'
import type { AnyEvent } from '../../domain/event.ts'
import type { System } from '../../model/system.ts'
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
  const { policies, views } = context.definition
  const each = (consumer: string, events: readonly AnyEvent[]): readonly Expected[] =>
    bySource(events.flatMap((event) => channelsOf(context, event, all).map((channel) => ({ channel })))).map(
      (heard) => {
        const { source } = (heard[0] as { readonly channel: Channel }).channel
        const concerns = (event: StoredEvent): boolean => heard.some(({ channel }) => channel.concerns(event))
        return { context: context.name, store: context.store, consumer, source, concerns }
      },
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
