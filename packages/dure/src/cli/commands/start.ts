import { statSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import type { Command } from '../command.ts'
import { findEntry, findProject, load } from '../project/project.ts'

export const start: Command = {
  name: 'start',
  about: 'Runs the program, or some of its contexts, as it runs in production',
  takes: '[entry] [context…]',
  most: 200,
  options: {
    role: {
      type: 'string',
      value: 'roles',
      about: 'what it does for them: web, worker, batch, with commas between',
    },
  },
  details: `
The program is package.json's "dure": { "entry" }, else src/main.ts. It runs in this very process, so signals
reach it directly, with NODE_ENV=production unless NODE_ENV is set. What follows -- are its arguments.

Of the contexts that are named only these run here, else those of DURE_CONTEXTS, else all. The others are in
processes of their own: DURE_URL_<CONTEXT> says where one answers, and events come over the broker.

web     answers requests, on PORT.
worker  keeps views, carries out policies, publishes events.
batch   runs jobs.
Without --role and DURE_ROLES it does all of them.
`,
  async run({ arguments: given, options, rest }, { cwd, env }) {
    const [first, ...more] = given
    const named = first !== undefined && isFile(resolve(cwd, first))
    const file = findEntry('entry', findProject(cwd), cwd, named ? first : undefined)
    const contexts = named ? more : given
    const set = env as Record<string, string>
    set['NODE_ENV'] ??= 'production'
    if (contexts.length > 0) set['DURE_CONTEXTS'] = contexts.join(',')
    if (options['role'] !== undefined) set['DURE_ROLES'] = String(options['role'])
    process.argv = [process.argv[0] as string, file, ...rest]
    await load(file, relative(cwd, file))
    return undefined
  },
}

/** A context cannot be named like a file of the program: its name has neither dot nor slash. */
function isFile(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path) || statSync(path, { throwIfNoEntry: false })?.isFile() === true
}
