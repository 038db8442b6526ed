import { setTimeout as sleep } from 'node:timers/promises'
import { Requests } from '../../engine/jobs/requests.ts'
import { runStatus, type RunStatus } from '../../engine/jobs/status.ts'
import { TaskRows } from '../../engine/jobs/task-rows.ts'
import { systemWorld } from '../../host/system-world.ts'
import { fault } from '../../kernel/errors/fault.ts'
import { exits, type Given, type Surroundings } from '../command.ts'
import { nameOf, type Named } from './named.ts'
import { progressText, runText } from './told.ts'

/** How long is waited for a process that takes a run up: it looks every two seconds. */
const patienceMs = 5000
const lookMs = 200

type Asked = Extract<Named, { readonly kind: 'job' }>

/** Asks for a run, or for one to go on; with `--wait` follows it to its end. */
export async function run(it: Named, given: Given, around: Surroundings): Promise<number> {
  const { options } = given
  const job = mustBeJob(it, 'run')
  const requests = new Requests(it.store, systemWorld)
  const resume = options['resume']
  const id =
    resume === undefined
      ? await requests.run(job.job, inputOf(options['input'] as string | undefined))
      : await requests.resume(job.job, resume === 'last' ? undefined : (resume as string))
  const wait = options['wait'] === true
  const json = options['json'] === true
  const found = await follow(job, id, wait, json, around)
  if (json) around.out(`${JSON.stringify({ job: nameOf(it), run: id, ...found }, null, 2)}\n`)
  else if (found === undefined) {
    around.out(
      `${around.paint('yellow', id)} asked for; no process has taken it up. It begins when one with the role batch runs.\n`,
    )
  } else around.out(runText(found, around.paint))
  return wait && found?.state !== 'done' ? exits.failed : exits.ok
}

async function follow(
  { job, store }: Asked,
  id: string,
  wait: boolean,
  quiet: boolean,
  { err }: Surroundings,
): Promise<RunStatus | undefined> {
  const rows = new TaskRows(store, systemWorld)
  const until = Date.now() + patienceMs
  for (let told = ''; ;) {
    const row = await rows.job(job.name)
    const waits = row?.waiting.some((it) => it.id === id) === true
    const open = row?.run?.id === id ? row.run : undefined
    const found = open ?? (waits ? undefined : await rows.run(job.name, id))
    if (found !== undefined && (!wait || found.state !== 'running')) return runStatus(found)
    if (found === undefined && !wait && Date.now() > until) return undefined
    const progress = found === undefined ? '' : progressText(found)
    if (!quiet && progress !== told) err(`${progress}\n`)
    told = progress
    await sleep(lookMs)
  }
}

/** Cancels the run that is open, or the one that is named. */
export async function cancel(it: Named, given: Given, around: Surroundings): Promise<number> {
  const { job } = mustBeJob(it, 'cancel')
  const id = await new Requests(it.store, systemWorld).cancel(job, given.options['run'] as string | undefined)
  if (given.options['json'] === true) around.out(`${JSON.stringify({ job: job.name, run: id })}\n`)
  else around.out(`${id} is to stop; what it has stored stays. dure jobs run --resume ${id} lets it go on.\n`)
  return exits.ok
}

/** Lets a job or poller pass over an item. */
export async function skip(it: Named, given: Given, around: Surroundings): Promise<number> {
  const item = given.options['item'] as string | undefined
  if (item === undefined) {
    throw fault('DURE_CLI_USAGE', {
      problem: 'It is not said which item is passed over.',
      usage: `dure jobs skip ${JSON.stringify(nameOf(it))} --item KEY`,
    })
  }
  const requests = new Requests(it.store, systemWorld)
  if (it.kind === 'job') await requests.skip(it.job, item)
  else await requests.skipPolled(it.poller, item, given.options['tenant'] as string | undefined)
  if (given.options['json'] === true) around.out(`${JSON.stringify({ name: nameOf(it), item })}\n`)
  else around.out(`${JSON.stringify(item)} is passed over.\n`)
  return exits.ok
}

function mustBeJob(it: Named, what: string): Asked {
  if (it.kind === 'job') return it
  throw fault('DURE_CLI_USAGE', {
    problem: `${JSON.stringify(it.poller.name)} is a poller: it asks by itself, and has no runs.`,
    usage: `dure jobs ${what} "name of a job"`,
  })
}

function inputOf(text: string | undefined): unknown {
  if (text === undefined) return {}
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw fault('DURE_CLI_USAGE', {
      problem: `--input is ${JSON.stringify(text)}, which is no JSON.`,
      usage: `dure jobs run "name of a job" --input '{"month":"2026-02"}'`,
    })
  }
}
