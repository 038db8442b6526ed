import type { ContextRuntime } from '../../app/context-runtime.ts'
import type { Topic } from '../../ports/transport.ts'
import type { EngineLog } from '../consuming/work.ts'
import { fault } from '../../kernel/errors/fault.ts'
import { streamKey } from '../../ports/storable.ts'
import { sharedUpTo } from '../consuming/lineage.ts'
import { readPiece, type Piece } from './wire.ts'

/**
 * The position of a log after which a relay has to publish: that of the last message in the topic which the log still
 * knows, 0 where there is none. Not before the place up to which the log was archived: what is left of that, who still
 * misses it reads from the log.
 * @throws DURE_TOPIC_AHEAD
 */
export async function resumeAt(
  topic: Topic,
  { name, store }: Pick<ContextRuntime, 'name' | 'store'>,
  log: EngineLog,
): Promise<number> {
  const last = await lastPieces(topic)
  if (last.some(({ epoch }) => sharedUpTo(store, epoch) === undefined)) {
    log('warn', 'topic holds events of another log', { context: name, topic: topic.name })
  }
  if (last.length === 0) {
    log('info', 'topic is empty, filling it from the log', { context: name, topic: topic.name })
  }
  let position = 0
  for (const { epoch, event } of last) {
    position = Math.max(position, Math.min(event.position, sharedUpTo(store, epoch) ?? 0))
  }
  // Of an earlier epoch, the last that was published may be what the restore has taken back.
  const published = last.find((it) => it.epoch === store.epoch && it.event.position === position)
  const archived = (await store.archivedTo?.()) ?? 0
  if (published !== undefined && position > archived) await mustStand(topic, published, store)
  return Math.max(position, archived)
}

/**
 * A log that was put back to an earlier day without a new epoch uses positions again: what it holds there now would never
 * be published.
 */
async function mustStand(topic: Topic, { event }: Piece, store: ContextRuntime['store']): Promise<void> {
  const [found] = await store.openLog(event.position - 1, 'skip').next(1)
  const same =
    found?.position === event.position &&
    found.version === event.version &&
    streamKey(found.stream) === streamKey(event.stream)
  if (!same) throw fault('DURE_TOPIC_AHEAD', { topic: topic.name, position: event.position })
}

/** The last message of each partition, but for what is not of a relay. */
export async function lastPieces(topic: Topic): Promise<readonly Piece[]> {
  return (await topic.last()).flatMap(({ body }) => {
    try {
      return [readPiece(topic.name, body)]
    } catch {
      return []
    }
  })
}
