import type { AggregateDefinition } from '../../domain/aggregate-definition.ts'
import { readRecorded, restore } from '../../domain/restore.ts'
import { isDureError, type DureError } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { ContextDefinition } from '../../model/context.ts'
import type { LogReader, StoredEvent, StreamId } from '../../ports/event-store.ts'
import type { ContextStore } from '../../ports/store.ts'

/** A stored event that the model cannot read, or that its aggregate cannot be folded with. */
export interface Failure {
  readonly context: string
  readonly stream: StreamId
  readonly version: number
  readonly position: number
  readonly type: string
  readonly schema: number
  readonly code: string
  readonly reason: string
}

export type Report = (failure: Failure) => void

const pageSize = 500
/** How often a reader that has nothing more is asked again, after how many milliseconds: an open transaction may hold it up. */
const patience = { looks: 3, ms: 100 }

/** Reads every event of a context's log as the model does; resolves to how many there were. */
export async function readLog(
  { name, aggregates }: ContextDefinition,
  store: ContextStore,
  report: Report,
  onProgress: (events: number) => void,
): Promise<number> {
  const known = new Map(aggregates.map((it) => [it.name as string, it.definition]))
  let count = 0
  for await (const page of pagesOf(store.openLog(0, 'skip'))) {
    for (const event of page) {
      const why = problemOf(known.get(event.stream.aggregate), event)
      if (why !== undefined) report(failureOf(name, event, why))
    }
    count += page.length
    onProgress(count)
  }
  return count
}

async function* pagesOf(log: LogReader): AsyncGenerator<readonly StoredEvent[]> {
  for (let empty = 0; empty < patience.looks;) {
    const page = await log.next(pageSize)
    empty = page.length === 0 ? empty + 1 : 0
    if (page.length > 0) yield page
    else if (empty < patience.looks) await new Promise((resolve) => setTimeout(resolve, patience.ms))
  }
}

/** Folds every aggregate of a context from its first event, one stream at a time; resolves to how many there were. */
export async function foldStreams(
  { name, aggregates }: ContextDefinition,
  store: ContextStore,
  report: Report,
  onProgress: (streams: number) => void,
): Promise<number> {
  let count = 0
  for (const { definition } of aggregates) {
    for await (const stream of streamsOf(store, definition.name)) {
      const { version, ended, events } = await store.readStream(stream)
      // What has ended may have been archived, from its first event on; nobody folds the rest.
      const archived = ended && events.length < version
      const failure = archived ? undefined : foldingFailure(name, definition, events)
      if (failure !== undefined) report(failure)
      onProgress(++count)
    }
  }
  return count
}

async function* streamsOf(store: ContextStore, aggregate: string): AsyncGenerator<StreamId> {
  for (let after: StreamId | undefined; ;) {
    const page = await store.listStreams(aggregate, after, pageSize)
    for (const { stream } of page) yield stream
    if (page.length < pageSize) return
    after = page.at(-1)?.stream
  }
}

// What cannot be read at all was told when the log was read.
function foldingFailure(
  context: string,
  aggregate: AggregateDefinition,
  events: readonly StoredEvent[],
): Failure | undefined {
  const [first] = events
  if (first === undefined) return undefined
  try {
    restore(aggregate, first.stream.id, events)
    return undefined
  } catch (error) {
    const why = asDureError(error)
    const position = (why.details as { readonly position?: unknown }).position
    const event = events.find((it) => it.position === position) ?? first
    return problemOf(aggregate, event) === undefined ? failureOf(context, event, why) : undefined
  }
}

function problemOf(aggregate: AggregateDefinition | undefined, event: StoredEvent): DureError | undefined {
  const { stream, position, type } = event
  if (aggregate === undefined) return fault('DURE_EVENT_UNKNOWN', { ...stream, position, type })
  try {
    readRecorded(aggregate, stream.id, event)
    return undefined
  } catch (error) {
    return asDureError(error)
  }
}

function asDureError(error: unknown): DureError {
  if (isDureError(error)) return error
  throw error
}

function failureOf(context: string, event: StoredEvent, { code, message }: DureError): Failure {
  const { stream, version, position, type, schema } = event
  return { context, stream, version, position, type, schema, code, reason: message }
}
