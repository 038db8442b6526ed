import { relative } from 'node:path'
import type { Command } from '../command.ts'
import { findEntry, findProject, load } from '../project/project.ts'

export const start: Command = {
  name: 'start',
  about: 'Runs the program as it runs in production',
  takes: '[entry]',
  most: 1,
  options: {},
  details: `
The program is package.json's "dure": { "entry" }, else src/main.ts. It runs in this very process, so signals
reach it directly, with NODE_ENV=production unless NODE_ENV is set. What follows -- are its arguments.
`,
  async run({ arguments: [given], rest }, { cwd, env }) {
    const file = findEntry('entry', findProject(cwd), cwd, given)
    ;(env as Record<string, string>)['NODE_ENV'] ??= 'production'
    process.argv = [process.argv[0] as string, file, ...rest]
    await load(file, relative(cwd, file))
    return undefined
  },
}
