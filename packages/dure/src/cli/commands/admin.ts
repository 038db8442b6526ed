import { fault } from '../../kernel/errors/fault.ts'
import { archiveLogs } from '../archive/archive.ts'
import { restoreLogs } from '../archive/restore.ts'
import { jsonOption, type Command, type Given } from '../command.ts'
import { applyMigration } from '../migrate/apply.ts'
import { declareRestored } from '../migrate/restored.ts'

export const admin: Command = {
  name: 'admin',
  about: 'Runs an administrative process of the program: migrate, restored, log archive, log restore',
  takes: '<migrate|restored|log> [context]',
  most: 3,
  options: {
    contract: { type: 'boolean', about: 'migrate: also make what waits until no older release runs' },
    before: {
      type: 'string',
      value: 'date',
      about: 'log archive: only what is older, a date or a number of days: 365d',
    },
    to: { type: 'string', value: 'folder', about: 'log archive: where the files are written' },
    from: { type: 'string', value: 'folder', about: 'log restore: where the files are' },
    'dry-run': { type: 'boolean', about: 'log archive: print what could be archived, and change nothing' },
    yes: { type: 'boolean', short: 'y', about: 'migrate, log archive: do not ask before data is removed' },
    system: { type: 'string', value: 'file', about: 'the module that exports the system' },
    json: jsonOption,
  },
  details: `
dure admin migrate brings tables and data of the store to what this release needs, once, before it starts: in
production (NODE_ENV=production with DATABASE_URL) a program that finds them otherwise refuses to start. It does what
dure migrate apply does; the release before goes on running meanwhile. Run it as a one-off process of the same build
and configuration: a Kubernetes Job, a release phase.

dure admin restored says that the store was put back from a copy, before the program starts on it: the log of each
context, or of the one named, begins a new epoch, so that nobody who has seen what is lost takes new events for old
ones. After a recovery to a point in time, a fail-over or a restored dump that happens by itself; a copy of the data
folder, or a snapshot of its disk, looks like the original. Done without need, or twice, it does no harm.

dure admin log archive moves old events of ended aggregates out of the database: of each part of a log in which all events
are older than --before, and which every policy and view has come past. The file is written and read back before anything
is removed; programs go on meanwhile. From then on a policy or view cannot begin at the start of that log, and refuses to
(DURE_LOG_ARCHIVED), until dure admin log restore has brought the events back.
`,
  async run(given, around) {
    const [what, context] = given.arguments
    refuseForeign(given)
    if (what === 'log' && context === 'archive') return archiveLogs(given, around)
    if (what === 'log' && context === 'restore') return restoreLogs(given, around)
    refuseUnused(what, context, given)
    if (what === 'migrate') return applyMigration(given, around)
    if (what === 'restored') return declareRestored(given, around)
    const asked = what === 'log' ? `log ${context ?? ''}`.trim() : what
    const problem = asked === undefined ? 'It is not said what to do.' : `There is no dure admin ${asked}.`
    throw fault('DURE_CLI_USAGE', { problem, usage: 'dure admin migrate' })
  },
}

const optionsOf: Readonly<Record<string, readonly string[]>> = {
  'log archive': ['before', 'to', 'dry-run'],
  'log restore': ['from'],
}

/** An option of one administrative process that was given to another. */
function refuseForeign({ arguments: [what, which, more], options }: Given): void {
  const asked = what === 'log' ? `log ${which ?? ''}`.trim() : (what ?? '')
  const own = optionsOf[asked]
  const foreign = [...Object.values(optionsOf).flat(), ...(own === undefined ? [] : ['contract'])].find(
    (it) => options[it] !== undefined && own?.includes(it) !== true,
  )
  const problem =
    foreign !== undefined
      ? `dure admin ${asked} has no option --${foreign}.`
      : what !== 'log' && more !== undefined
        ? `dure admin ${asked} takes one context and not also ${JSON.stringify(more)}.`
        : undefined
  if (problem !== undefined) throw fault('DURE_CLI_USAGE', { problem, usage: `dure admin ${asked}`.trim() })
}

/** What would be passed over without a word, though somebody relies on it. */
function refuseUnused(what: string | undefined, context: string | undefined, { options }: Given): void {
  const unused = ['contract', 'yes'].find((it) => options[it] === true)
  const problem =
    what === 'restored' && unused !== undefined
      ? `dure admin restored has no option --${unused}.`
      : what === 'migrate' && context !== undefined
        ? `dure admin migrate is about all contexts and does not take ${JSON.stringify(context)}.`
        : undefined
  if (problem !== undefined) throw fault('DURE_CLI_USAGE', { problem, usage: `dure admin ${what}` })
}
