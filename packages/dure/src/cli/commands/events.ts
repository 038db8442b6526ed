import { setTimeout as sleep } from 'node:timers/promises'
import { fault } from '../../kernel/errors/fault.ts'
import { nearest } from '../../model/check/nearest.ts'
import type { System } from '../../model/system.ts'
import type { StoredEvent, StreamId } from '../../ports/event-store.ts'
import { exits, jsonOption, type Command, type Surroundings } from '../command.ts'
import type { Paint } from '../paint.ts'
import { openStorage } from '../project/open-storage.ts'
import { findEntry, findProject, loadSystem } from '../project/project.ts'

const POLL_MS = 500

export const events: Command = {
  name: 'events',
  about: 'Prints what happened to one aggregate, from the store',
  takes: '<stream>',
  most: 1,
  options: {
    context: {
      type: 'string',
      value: 'name',
      about: 'the context, where two have an aggregate of this name',
    },
    tenant: { type: 'string', value: 'name', about: 'the tenant; none when left out' },
    system: { type: 'string', value: 'file', about: 'the module that exports the system' },
    follow: { type: 'boolean', short: 'f', about: 'go on printing as more happens' },
    json: { ...jsonOption, about: 'print one JSON object a line' },
  },
  details: `
A stream is Aggregate/id, or Context/Aggregate/id. The store is the one that the program uses: DATABASE_URL, or
the embedded PostgreSQL in .dure/, also while the program runs.
`,
  async run({ arguments: [stream], options }, around) {
    const { cwd } = around
    if (stream === undefined) {
      throw fault('DURE_CLI_USAGE', { problem: 'No stream is named.', usage: 'dure events Order/0198…' })
    }
    const text = (name: string): string | undefined => options[name] as string | undefined
    const system = await loadSystem(findEntry('system', findProject(cwd), cwd, text('system')), cwd)
    const { context, id } = streamNamed(system, stream, text('context'), text('tenant') ?? '')
    const print = printer(options['json'] === true, around)
    const storage = await openStorage(around.env, (line) => around.err(`${line}\n`))
    if (storage === undefined) return nothing(around, context, id)
    try {
      const store = await storage.openContext(context)
      const read = await store.readStream(id)
      for (const it of read.events) print(it)
      if (options['follow'] !== true) return read.version === 0 ? nothing(around, context, id) : exits.ok
      await follow(async (after) => (await store.readStream(id, after)).events, read.version, print)
      return exits.ok
    } finally {
      await storage.close()
    }
  },
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

/** Which stream of which context is meant. @throws DURE_CLI_STREAM */
export function streamNamed(
  system: System,
  stream: string,
  given: string | undefined,
  tenant: string,
): { readonly context: string; readonly id: StreamId } {
  const parts = stream.split('/')
  const named = system.contexts.some(({ name }) => name === parts[0]) && parts.length > 2
  const context = named ? parts[0] : given
  const [aggregate = '', ...rest] = named ? parts.slice(1) : parts
  const known = system.contexts.flatMap((it) =>
    it.aggregates.map(({ name }) => `${it.name}/${name as string}`),
  )
  const wrong = (problem: string) => fault('DURE_CLI_STREAM', { stream, problem, known })
  if (rest.join('/') === '') throw wrong('it has no id.')
  const owners = system.contexts.filter(
    (it) =>
      (context === undefined || it.name === context) && it.aggregates.some(({ name }) => name === aggregate),
  )
  const [owner] = owners
  if (owner === undefined) {
    const near = nearest(
      aggregate,
      known.map((it) => it.split('/')[1] as string),
    )
    const place = context === undefined ? 'the system' : context
    throw wrong(
      `${place} has no aggregate ${aggregate}${near === undefined ? '.' : `; did you mean ${near}?`}`,
    )
  }
  if (owners.length > 1)
    throw wrong(
      `${owners.map((it) => it.name).join(' and ')} have an aggregate ${aggregate}; name the context.`,
    )
  return { context: owner.name, id: { tenant, aggregate, id: rest.join('/') } }
}

function printer(json: boolean, { out, paint }: Surroundings): (it: StoredEvent) => void {
  return json ? (it) => out(`${JSON.stringify(it)}\n`) : (it) => out(lineOf(it, paint))
}

function lineOf({ version, at, type, schema, data, meta }: StoredEvent, paint: Paint): string {
  const head = `${String(version).padStart(4)}  ${paint('gray', at.toISOString())}  ${paint('bold', type)}`
  const tail = `${schema > 1 ? ` v${schema}` : ''}${meta.actor === '' ? '' : paint('gray', ` by ${meta.actor}`)}`
  return `${head}${tail}\n      ${JSON.stringify(data)}\n`
}
