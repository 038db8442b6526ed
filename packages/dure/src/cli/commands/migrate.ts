import { fault } from '../../kernel/errors/fault.ts'
import type { Migration } from '../../migration/migration.ts'
import type { Verified } from '../../migration/verify.ts'
import { exits, jsonOption, type Command, type Given, type Surroundings } from '../command.ts'
import { applyMigration } from '../migrate/apply.ts'
import { migrating } from '../migrate/migrating.ts'
import { endProgress, progressLine, stepText } from '../migrate/told.ts'

export const migrate: Command = {
  name: 'migrate',
  about: 'Shows and makes the changes of tables and data that the model and its persistence ask for',
  takes: '<plan|apply|verify> [aggregate…]',
  most: 20,
  options: {
    contract: { type: 'boolean', about: 'apply: also make what waits until no older release runs' },
    yes: { type: 'boolean', short: 'y', about: 'apply: do not ask before data is destroyed' },
    repair: { type: 'boolean', about: 'verify: write rows that differ again from their events' },
    system: { type: 'string', value: 'file', about: 'the module that exports the system' },
    json: jsonOption,
  },
  details: `
plan shows what is missing and changes nothing: expand steps, which harm no release that runs; data steps, made
while it runs; and what waits until no older release runs: contract steps, which remove what only it uses, and a last
look at what it may have written past a new rule. apply makes all but these; --contract these too. Interrupted, apply
goes on where it was; two at once take turns.
verify compares the tables of aggregates kept as state with what their events lead to.
How aggregates are kept is what package.json's "dure": { "persistence" } exports, else src/persistence.ts.
`,
  async run(given, around) {
    const [what, ...more] = given.arguments
    refuseUnused(what, more, given)
    if (what === 'plan') return migrating(given, around, async (it) => plan(it, given, around))
    if (what === 'apply') return applyMigration(given, around)
    if (what === 'verify') return migrating(given, around, async (it) => verify(it, given, around))
    const problem = what === undefined ? 'It is not said what to do.' : `There is no dure migrate ${what}.`
    throw fault('DURE_CLI_USAGE', { problem, usage: 'dure migrate plan' })
  },
}

/** What would be passed over without a word, though somebody relies on it. */
function refuseUnused(what: string | undefined, more: readonly string[], { options }: Given): void {
  const own = what === 'apply' ? ['contract', 'yes'] : what === 'verify' ? ['repair'] : []
  const unused = ['contract', 'yes', 'repair'].find((it) => options[it] === true && !own.includes(it))
  const problem =
    unused !== undefined
      ? `dure migrate ${what} has no option --${unused}.`
      : what !== 'verify' && more.length > 0
        ? `dure migrate ${what} is about all aggregates and does not take ${JSON.stringify(more[0])}.`
        : undefined
  if (problem === undefined || !['plan', 'apply', 'verify'].includes(what ?? '')) return
  throw fault('DURE_CLI_USAGE', { problem, usage: `dure migrate ${what}` })
}

async function plan(migration: Migration, { options }: Given, around: Surroundings): Promise<number> {
  const steps = await migration.plan()
  if (options['json'] === true) around.out(`${JSON.stringify({ steps }, null, 2)}\n`)
  else if (steps.length === 0) around.out(`${around.paint('green', 'up to date')}\n`)
  else for (const step of steps) around.out(stepText(step, around.paint))
  return exits.ok
}

async function verify(migration: Migration, given: Given, around: Surroundings): Promise<number> {
  const { options } = given
  const [, ...only] = given.arguments
  const [json, repair] = [options['json'] === true, options['repair'] === true]
  const terminal = !json && process.stderr.isTTY
  const unknown = only.find((it) => !migration.inTables.includes(it))
  if (unknown !== undefined) {
    const known = migration.inTables.join(', ') || 'none is'
    const problem = `No aggregate ${JSON.stringify(unknown)} is kept as state (${known}).`
    throw fault('DURE_CLI_USAGE', { problem, usage: 'dure migrate verify [aggregate…]' })
  }
  const found = await migration.verify({
    repair,
    ...(only.length > 0 && { only }),
    onProgress: progressLine(around, terminal),
    onDifference({ stream, reason, repaired }) {
      endProgress(around, terminal)
      const not = repaired === false ? '  not written again' : ''
      if (!json) around.out(`${around.paint('red', `${stream.aggregate} ${stream.id}`)}  ${reason}${not}\n`)
    },
  })
  endProgress(around, terminal)
  const all = [...found].map(([aggregate, it]) => ({ aggregate, ...it }))
  const left = all.flatMap((it) => it.differences).filter((it) => it.repaired !== true)
  if (json) around.out(`${JSON.stringify({ aggregates: all, repaired: repair }, null, 2)}\n`)
  else for (const it of all) around.out(`${verdict(it, repair, around)}\n`)
  if (!json && all.length === 0) around.out('No aggregate is kept as state.\n')
  return left.length === 0 ? exits.ok : exits.failed
}

function verdict(
  { aggregate, checked, differences }: Verified & { readonly aggregate: string },
  repair: boolean,
  { paint }: Surroundings,
): string {
  const begin = `${aggregate}: ${checked} checked, `
  if (differences.length === 0) return begin + paint('green', 'all as their events say')
  const repaired = differences.filter((it) => it.repaired === true).length
  const all = repaired === differences.length
  const again = repair ? `, ${all ? '' : `${repaired} `}written again` : ''
  return begin + paint('red', `${differences.length} differ${again}`)
}
