import { catalogue } from '../../kernel/errors/catalogue.ts'
import type { StoredEvent } from '../../ports/event-store.ts'
import type { ParkedRecord } from '../../ports/parking.ts'
import { exits, type Surroundings } from '../command.ts'
import { type Chosen, type Found, sequencesOf } from './chosen.ts'
import { byConsumer } from './list.ts'
import { consumerText, recordJson, sequenceJson, sequenceText } from './told.ts'

/** How many events of a sequence are printed for people; JSON has more. */
const few = 20
const many = 1000

interface Shown {
  readonly record: ParkedRecord
  /** Undefined where the log of the source has none there, or is not to be reached from here. */
  readonly event: StoredEvent | undefined
}

/** Prints sequences with their events. */
export async function show(chosen: Chosen, json: boolean, around: Surroundings): Promise<number> {
  const found = await sequencesOf(chosen)
  const shown = await Promise.all(
    found.map(async (it) => ({ found: it, events: await eventsOf(chosen, it, json ? many : few) })),
  )
  if (json) {
    const each = shown.map((it) => ({ ...sequenceJson(it.found), events: it.events.map(eventJson) }))
    around.out(`${JSON.stringify(each, null, 2)}\n`)
  } else if (shown.length === 0) around.err('Nothing of this is parked.\n')
  else {
    for (const some of byConsumer(found)) {
      around.out(`${consumerText(some[0] as Found, around.paint)}\n`)
      for (const it of shown) if (some.includes(it.found)) print(it.found, it.events, around)
    }
  }
  return shown.length === 0 ? exits.failed : exits.ok
}

async function eventsOf({ storage, system }: Chosen, it: Found, limit: number): Promise<readonly Shown[]> {
  const { consumer, source, stream } = it.first
  const records = await it.store.readParked({ consumer, source, ...stream }, limit)
  if (!system.contexts.some(({ name }) => name === source)) {
    return records.map((record) => ({ record, event: undefined }))
  }
  const store = await storage.openContext(source)
  const shown: Shown[] = []
  for (const record of records) {
    const [event] = await store.openLog(record.position - 1, 'skip').next(1)
    shown.push({ record, event: event?.position === record.position ? event : undefined })
  }
  return shown
}

function eventJson({ record, event }: Shown): object {
  const { position: _, ...rest } = recordJson(record)
  const { type, schema, version, at, data, meta } = event ?? {}
  return { position: record.position, type, schema, version, happened: at, data, meta, parked: rest }
}

function print(it: Found, events: readonly Shown[], { out, paint }: Surroundings): void {
  out(sequenceText(it, new Date(), paint))
  const about = aboutOf(it.first.code)
  if (about !== undefined) out(`    ${paint('gray', about)}\n`)
  for (const { record, event } of events) {
    const at = paint('gray', `position ${record.position}`)
    if (event === undefined) out(`      ${at}: the event is not to be found in the log of ${record.source}\n`)
    else {
      const version = event.schema > 1 ? ` v${event.schema}` : ''
      const when = paint('gray', `, ${event.at.toISOString()}`)
      out(`      ${event.version}  ${paint('bold', event.type)}${version} ${at}${when}\n`)
      out(`        ${JSON.stringify(event.data)}\n`)
    }
  }
  if (it.count > events.length) out(`      … and ${it.count - events.length} more\n`)
}

function aboutOf(code: string): string | undefined {
  return Object.hasOwn(catalogue, code) ? catalogue[code as keyof typeof catalogue].about : undefined
}
