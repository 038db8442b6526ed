import { fault } from '../../kernel/errors/fault.ts'
import { jsonOption, type Command } from '../command.ts'
import { applyMigration } from '../migrate/apply.ts'

export const admin: Command = {
  name: 'admin',
  about: 'Runs an administrative process of the program: migrate',
  takes: '<migrate>',
  most: 1,
  options: {
    contract: { type: 'boolean', about: 'also make what waits until no older release runs' },
    yes: { type: 'boolean', short: 'y', about: 'do not ask before data is destroyed' },
    system: { type: 'string', value: 'file', about: 'the module that exports the system' },
    json: jsonOption,
  },
  details: `
dure admin migrate brings tables and data of the store to what this release needs, once, before it starts: in
production (NODE_ENV=production with DATABASE_URL) a program that finds them otherwise refuses to start. It does what
dure migrate apply does; the release before goes on running meanwhile. Run it as a one-off process of the same build
and configuration: a Kubernetes Job, a release phase.
`,
  async run(given, around) {
    const [what] = given.arguments
    if (what === 'migrate') return applyMigration(given, around)
    const problem = what === undefined ? 'It is not said what to do.' : `There is no dure admin ${what}.`
    throw fault('DURE_CLI_USAGE', { problem, usage: 'dure admin migrate' })
  },
}
