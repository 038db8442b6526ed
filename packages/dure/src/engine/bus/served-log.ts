import type { ContextRuntime } from '../../app/context-runtime.ts'
import type { PublishedLog, PublishedPage } from '../../app/published-log.ts'
import { isDureError } from '../../kernel/error.ts'
import type { LogReader, StoredEvent } from '../../ports/event-store.ts'
import { reasonOf } from '../consuming/reason.ts'
import { publishedBy } from '../incoming.ts'
import { messagesOf, unpublishedMessage, type Origin, type Publishing } from './wire.ts'

/** Events of the log that are read for one answer, at most. */
const most = 1000

/** The log of a context that runs in this process, as others may read it: in the words of the contract. */
export function servedLog(
  system: string,
  context: ContextRuntime,
  settled: () => Promise<number>,
): PublishedLog {
  const { store, name } = context
  const originIn = (epoch: string): Origin => ({
    system,
    context: name,
    epoch,
    partitions: 1,
    // Whoever asks here has nowhere else to look.
    maxBytes: Number.POSITIVE_INFINITY,
  })
  return {
    settled,
    async lineage() {
      return { epochs: store.epochs, archived: (await store.archivedTo?.()) ?? 0, system }
    },
    async read(after, limit) {
      const { epoch, epochs } = store
      const reader = store.openLog(after)
      const count = Math.min(most, Math.max(1, limit))
      const events = await settledIn(reader, count)
      const messages = bodies(originIn(epoch), context, after, events)
      const last = events.at(-1)?.position ?? after
      const more = events.length === count
      return { epochs, messages, through: more ? last : Math.max(last, reader.mark), more }
    },
    async find(position): Promise<PublishedPage> {
      const { epoch, epochs } = store
      const [event] = await settledIn(store.openLog(position - 1, 'skip'), 1)
      const page = { epochs, through: position, more: false }
      if (event?.position !== position) return { ...page, messages: [] }
      const messages = bodies(originIn(epoch), context, position - 1, [event])
      if (messages.length > 0) return { ...page, messages }
      return { ...page, messages: [unpublishedMessage(originIn(epoch), event).body] }
    },
  }
}

/** A hole at the end of the log takes a reader a second look, and each answer has a reader of its own. */
async function settledIn(reader: LogReader, limit: number): Promise<readonly StoredEvent[]> {
  const events = await reader.next(limit)
  return events.length > 0 ? events : reader.next(limit)
}

function bodies(
  origin: Origin,
  context: ContextRuntime,
  after: number,
  events: readonly StoredEvent[],
): readonly string[] {
  let previous = after
  return events.flatMap((event) => {
    const found = messagesOf(origin, event, previous, publishingOf(context, event))
    if (found.length > 0) previous = event.position
    return found.map(({ body }) => body)
  })
}

/** What this release cannot read a newer one may: whoever hears so holds the event, and asks again. */
function publishingOf(context: ContextRuntime, event: StoredEvent): Publishing {
  try {
    return { published: publishedBy(context, event) }
  } catch (error) {
    const code = isDureError(error) ? error.code : 'DURE_EVENT_UNREADABLE'
    return { unreadable: { code, reason: reasonOf(error) } }
  }
}
