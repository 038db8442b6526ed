import { fault } from '../../kernel/errors/fault.ts'
import { jsonOption, type Command } from '../command.ts'
import { withChosen } from '../parked/chosen.ts'
import { drop } from '../parked/drop.ts'
import { list } from '../parked/list.ts'
import { retry } from '../parked/retry.ts'
import { show } from '../parked/show.ts'

export const parked: Command = {
  name: 'parked',
  about: 'Shows the events that a policy or view could not handle, tries them again or takes them out',
  takes: '<list|show|retry|drop> [stream]',
  most: 2,
  options: {
    context: { type: 'string', value: 'name', about: 'only what this context has parked' },
    consumer: {
      type: 'string',
      value: 'name',
      about: 'only what this policy or view has, as the list names it',
    },
    tenant: { type: 'string', value: 'name', about: 'only of this tenant' },
    position: { type: 'string', value: 'number', about: 'with drop: only the event at this position' },
    yes: { type: 'boolean', short: 'y', about: 'with drop: do not ask' },
    system: { type: 'string', value: 'file', about: 'the module that exports the system' },
    json: jsonOption,
  },
  details: `
list   what waits, by policy and view: how many events of which aggregate, since when and why.
show   the events themselves, with their data.
retry  asks for them to be tried, each aggregate's in their order. A program that runs does so within two seconds, and
       the answer says what came of it; else it happens at the next start.
drop   takes them out for ever, after asking: they are never handled. Later events of the aggregate flow again. What was
       dropped is kept in view_rows, under $dropped.

A stream is Aggregate/id, Context/Aggregate/id, or an Aggregate alone; without one, all of them. The store is the one
that the program uses: DATABASE_URL, or the embedded PostgreSQL in .dure/, also while the program runs.
`,
  async run(given, around) {
    const [what, stream] = given.arguments
    const json = given.options['json'] === true
    mustFit(what, stream, given.options)
    return withChosen(given, around, async (chosen) => {
      if (what === 'list') return list(chosen, json, around)
      if (what === 'show') return show(chosen, json, around)
      return what === 'retry' ? retry(chosen, json, around) : drop(chosen, given, around)
    })
  },
}

const wrong = (problem: string, usage: string): Error => fault('DURE_CLI_USAGE', { problem, usage })

function mustFit(
  what: string | undefined,
  stream: string | undefined,
  { yes, position, consumer }: Readonly<Record<string, unknown>>,
): void {
  if (what === undefined) throw wrong('It is not said what to do.', 'dure parked list')
  if (!['list', 'show', 'retry', 'drop'].includes(what)) {
    throw wrong(`There is no dure parked ${what}.`, 'dure parked list')
  }
  if (what !== 'drop' && (yes ?? position) !== undefined) {
    throw wrong(
      `--${yes === undefined ? 'position' : 'yes'} goes with drop.`,
      'dure parked drop Order/0198… --yes',
    )
  }
  if (what === 'drop' && stream === undefined && consumer === undefined) {
    throw wrong('It is not said which events to drop.', 'dure parked drop Order/0198…')
  }
  if (stream === '' || stream?.startsWith('/')) {
    throw wrong(`${JSON.stringify(stream)} names no aggregate.`, `dure parked ${what} Order/0198…`)
  }
}
