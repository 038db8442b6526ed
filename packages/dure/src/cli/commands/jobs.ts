import { fault } from '../../kernel/errors/fault.ts'
import { jsonOption, type Command, type Given } from '../command.ts'
import { cancel, run, skip } from '../jobs/ask.ts'
import { list, show } from '../jobs/look.ts'
import { named, withJobs } from '../jobs/named.ts'

const verbs = ['list', 'show', 'run', 'cancel', 'skip']

export const jobs: Command = {
  name: 'jobs',
  about: 'Shows the jobs and pollers, asks for runs, cancels them or lets them pass over an item',
  takes: '<list|show|run|cancel|skip> [name]',
  most: 2,
  options: {
    context: { type: 'string', value: 'name', about: 'only those of this context' },
    input: { type: 'string', value: 'json', about: 'with run: what the job takes' },
    resume: {
      type: 'string',
      value: 'run',
      about: 'with run: let this run go on at its cursor, `last` for the last one',
    },
    wait: { type: 'boolean', about: 'with run: wait until it is over; the exit code tells how' },
    run: { type: 'string', value: 'run', about: 'with cancel: this run, else the one that is open' },
    item: { type: 'string', value: 'key', about: 'with skip: the item, as the error names it' },
    tenant: { type: 'string', value: 'name', about: 'with skip: of this tenant; only for a poller' },
    system: { type: 'string', value: 'file', about: 'the module that exports the system' },
    json: jsonOption,
  },
  details: `
list    every job and poller: how it stands, how far it is, when it is due next, and why it does not get on.
show    one of them, with the runs that are kept: the last fifty.
run     asks for a run, or with --resume for one that has failed or was cancelled to go on where it stopped. A program
        with the role batch takes it up within two seconds; where none runs, the next one does when it starts.
cancel  stops a run, or takes out one that waits. What it has stored stays.
skip    lets a run, or a poller, pass over an item that it cannot handle. A run that has failed goes on at once.

A job is named by its sentence, or by Context/sentence where several contexts have it. The store is the one that the
program uses: DATABASE_URL, or the embedded PostgreSQL in .dure/, also while the program runs.
`,
  async run(given, around) {
    const [verb, name] = given.arguments
    mustFit(verb, name, given.options)
    const json = given.options['json'] === true
    return withJobs(given, around, async (contexts) => {
      if (name === undefined) return list(contexts, json, around)
      const it = named(contexts, name)
      if (verb === 'show') return show(it, json, around)
      if (verb === 'run') return run(it, given, around)
      return verb === 'cancel' ? cancel(it, given, around) : skip(it, given, around)
    })
  },
}

const wrong = (problem: string, usage: string): Error => fault('DURE_CLI_USAGE', { problem, usage })

const goesWith = { input: 'run', resume: 'run', wait: 'run', run: 'cancel', item: 'skip', tenant: 'skip' }

function mustFit(verb: string | undefined, name: string | undefined, options: Given['options']): void {
  if (verb === undefined) throw wrong('It is not said what to do.', 'dure jobs list')
  if (!verbs.includes(verb)) throw wrong(`There is no dure jobs ${verb}.`, 'dure jobs list')
  if (verb === 'list' && name !== undefined) {
    throw wrong('list takes no name.', `dure jobs show ${JSON.stringify(name)}`)
  }
  if (verb !== 'list' && name === undefined) {
    throw wrong(`It is not said which job to ${verb}.`, `dure jobs ${verb} "name of a job"`)
  }
  for (const [option, its] of Object.entries(goesWith)) {
    if (options[option] !== undefined && verb !== its) {
      throw wrong(`--${option} goes with ${its}.`, `dure jobs ${its} "name of a job" --${option}`)
    }
  }
  if (options['input'] !== undefined && options['resume'] !== undefined) {
    throw wrong('A run that goes on has its input already.', 'dure jobs run "name of a job" --resume last')
  }
}
