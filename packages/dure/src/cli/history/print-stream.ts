import { setTimeout as sleep } from 'node:timers/promises'
import type { AggregateDefinition } from '../../domain/aggregate-definition.ts'
import type { StoredEvent, StreamId } from '../../ports/event-store.ts'
import { exits, type Surroundings } from '../command.ts'
import type { Paint } from '../paint.ts'
import { openStorage } from '../project/open-storage.ts'
import { currentLines, type CurrentLine } from './current-lines.ts'

const POLL_MS = 500

/** Which stream is printed, and how. */
export interface StreamPrint {
  readonly context: string
  readonly id: StreamId
  readonly json: boolean
  readonly follow: boolean
  /** The aggregate whose reading of the events is printed; without it they are printed as stored. */
  readonly today?: AggregateDefinition
}

/** Prints the events of one stream. */
export async function printStream(it: StreamPrint, around: Surroundings): Promise<number> {
  const { context, id } = it
  const printer = new Printer(it, around)
  const storage = await openStorage(around.env, (line) => around.err(`${line}\n`))
  if (storage === undefined) return nothing(around, context, id)
  try {
    const store = await storage.openContext(context)
    const read = await store.readStream(id)
    for (const event of read.events) printer.print(event)
    if (it.follow) {
      const after = async (version: number) => (await store.readStream(id, version)).events
      await follow(after, read.version, (event) => printer.print(event))
    } else if (read.version === 0) return nothing(around, context, id)
    return printer.failed ? exits.failed : exits.ok
  } finally {
    await storage.close()
  }
}

function nothing({ err }: Surroundings, context: string, { aggregate, id }: StreamId): number {
  err(`Nothing has happened to ${aggregate} ${id} in ${context}.\n`)
  return exits.failed
}

/** Until Ctrl-C; the store of another process says nothing by itself, so it is asked. */
async function follow(
  read: (after: number) => Promise<readonly StoredEvent[]>,
  version: number,
  print: (it: StoredEvent) => void,
): Promise<void> {
  const stopped = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort())
  let after = version
  while (!stopped.signal.aborted) {
    for (const it of await read(after)) {
      print(it)
      after = it.version
    }
    await sleep(POLL_MS, undefined, { signal: stopped.signal }).catch(() => undefined)
  }
}

/** Prints stored events, or what an aggregate of today makes of them. */
class Printer {
  readonly #it: StreamPrint
  readonly #around: Surroundings
  failed = false

  constructor(it: StreamPrint, around: Surroundings) {
    this.#it = it
    this.#around = around
  }

  print(it: StoredEvent): void {
    const { today, json } = this.#it
    const lines = today === undefined ? [it] : currentLines(today, it)
    const { out, err, paint, paintError } = this.#around
    if ('code' in lines) {
      this.failed = true
      err(`${paintError('red', lines.code)} ${lines.reason}\n`)
    } else if (json) for (const line of lines) out(`${JSON.stringify(line)}\n`)
    else if (lines.length > 0) for (const line of lines) out(lineOf(line, paint))
    else out(`${headOf(it, paint)}${paint('gray', ' no longer matters')}\n`)
  }
}

function lineOf(it: CurrentLine, paint: Paint): string {
  const { data, meta, stored } = it
  const by = meta.actor === '' ? '' : paint('gray', ` by ${meta.actor}`)
  const as = stored === undefined ? '' : paint('gray', `, stored as ${versioned(stored)}`)
  return `${headOf(it, paint)}${by}${as}\n      ${JSON.stringify(data)}\n`
}

function headOf(it: StoredEvent, paint: Paint): string {
  const [type, ...version] = versioned(it).split(' ')
  const name = [paint('bold', type as string), ...version].join(' ')
  return `${String(it.version).padStart(4)}  ${paint('gray', it.at.toISOString())}  ${name}`
}

const versioned = ({ type, schema }: Pick<StoredEvent, 'type' | 'schema'>): string =>
  schema > 1 ? `${type} v${schema}` : type
