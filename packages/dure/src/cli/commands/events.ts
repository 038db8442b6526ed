import type { AggregateDefinition } from '../../domain/aggregate-definition.ts'
import { fault } from '../../kernel/errors/fault.ts'
import { nearest } from '../../model/check/nearest.ts'
import type { System } from '../../model/system.ts'
import type { StreamId } from '../../ports/event-store.ts'
import { jsonOption, type Command, type Given, type Surroundings } from '../command.ts'
import { checkHistory } from '../history/check-history.ts'
import { printStream } from '../history/print-stream.ts'
import { openStorage } from '../project/open-storage.ts'
import { findEntry, findProject, loadSystem } from '../project/project.ts'

export const events: Command = {
  name: 'events',
  about: 'Prints what happened to one aggregate, from the store, or checks that all of it can be read',
  takes: '[stream]',
  most: 1,
  options: {
    context: {
      type: 'string',
      value: 'name',
      about: 'the context, where two have an aggregate of this name; with --check, the only one',
    },
    tenant: { type: 'string', value: 'name', about: 'the tenant; none when left out' },
    system: { type: 'string', value: 'file', about: 'the module that exports the system' },
    follow: { type: 'boolean', short: 'f', about: 'go on printing as more happens' },
    upcast: { type: 'boolean', about: 'print the events as the model of today reads them' },
    check: { type: 'boolean', about: 'with --upcast, without a stream: read every event of every log' },
    fold: { type: 'boolean', about: 'with --check: also restore every aggregate' },
    json: { ...jsonOption, about: 'print one JSON object a line; with --check, one for all' },
  },
  details: `
A stream is Aggregate/id, or Context/Aggregate/id. The store is the one that the program uses: DATABASE_URL, or
the embedded PostgreSQL in .dure/, also while the program runs.

--upcast --check reads each event of the logs through .from(…), .formerly(…) and .becomes(…), lists those that the
model cannot read, and then exits with 1. Run the next release's against the store before you deploy it.
`,
  async run(given, around) {
    const { cwd } = around
    mustBeClear(given)
    const text = (name: string): string | undefined => given.options[name] as string | undefined
    const system = await loadSystem(findEntry('system', findProject(cwd), cwd, text('system')), cwd)
    return given.options['check'] === true
      ? checkAll(system, given, around)
      : printNamed(system, given, around)
  },
}

const wrong = (problem: string, usage: string): Error => fault('DURE_CLI_USAGE', { problem, usage })

function mustBeClear({ arguments: [stream], options }: Given): void {
  if (options['check'] !== true) {
    if (options['fold'] === true)
      throw wrong('--fold goes with --check.', 'dure events --upcast --check --fold')
    if (stream === undefined) throw wrong('No stream is named.', 'dure events Order/0198…')
    return
  }
  const usage = 'dure events --upcast --check'
  if (options['upcast'] !== true) throw wrong('--check goes with --upcast.', usage)
  const extra = ['follow', 'tenant'].find((it) => options[it] !== undefined)
  if (extra !== undefined) throw wrong(`--check reads every event, and takes no --${extra}.`, usage)
  if (stream !== undefined) throw wrong('--check reads every event, and takes no stream.', usage)
}

async function checkAll(system: System, { options }: Given, around: Surroundings): Promise<number> {
  const storage = await openStorage(around.env, (line) => around.err(`${line}\n`))
  if (storage === undefined) {
    throw fault('DURE_CLI_NO_STORE', { looked: 'DATABASE_URL is not set, and the program has not run here' })
  }
  try {
    const context = options['context'] as string | undefined
    const check = { context, fold: options['fold'] === true, json: options['json'] === true }
    return await checkHistory(system, storage, check, around)
  } finally {
    await storage.close()
  }
}

function printNamed(
  system: System,
  { arguments: [stream = ''], options }: Given,
  around: Surroundings,
): Promise<number> {
  const text = (name: string): string | undefined => options[name] as string | undefined
  const named = streamNamed(system, stream, text('context'), text('tenant') ?? '')
  const today = aggregateIn(system, named.context, named.id)
  const [json, follow] = [options['json'] === true, options['follow'] === true]
  const upcast = options['upcast'] === true
  return printStream({ ...named, json, follow, ...(upcast && { today }) }, around)
}

function aggregateIn(system: System, context: string, { aggregate }: StreamId): AggregateDefinition {
  const owner = system.contexts.find(({ name }) => name === context)
  return owner?.aggregates.find(({ name }) => name === aggregate)?.definition as AggregateDefinition
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
