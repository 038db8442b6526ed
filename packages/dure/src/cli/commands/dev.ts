import { exits, type Command } from '../command.ts'
import { EnterKey } from '../dev/enter-key.ts'
import type { Program } from '../dev/program.ts'
import { supervise } from '../dev/supervise.ts'
import { findEntry, findProject } from '../project/project.ts'
import { importConditions } from '../source/resolve-import.ts'

/** A launcher may pass Ctrl-C on while the terminal sends it too. */
const SAME_SIGNAL_MS = 300

export const dev: Command = {
  name: 'dev',
  about: 'Runs the program, and runs it again when one of its files changes',
  takes: '[entry]',
  most: 1,
  options: {},
  details: `
The program is package.json's "dure": { "entry" }, else src/main.ts, and its files are those that it imports,
of other workspaces too. A program that fails is started again when a file of it changes. Enter starts it again
without a change. Ctrl-C stops it and waits until it has stopped; a second Ctrl-C does not wait. What follows --
are the program's arguments.
`,
  async run({ arguments: [given], rest }, around) {
    const entry = findEntry('entry', findProject(around.cwd), around.cwd, given)
    const conditions = importConditions(process.execArgv, around.env['NODE_OPTIONS'])
    let program: Program | undefined
    const stopped = new Promise<void>((resolve) => {
      let first: number | undefined
      const heard = (): void => {
        const now = performance.now()
        if (first !== undefined && now - first > SAME_SIGNAL_MS) {
          program?.kill()
          process.exit(exits.failed)
        }
        first ??= now
        resolve()
      }
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, heard)
    })
    const enter = new EnterKey(process.stdin)
    const onProgram = (it: Program): void => void (program = it)
    await supervise({ entry, args: rest, conditions, stopped, enter, onProgram }, around)
    return exits.ok
  },
}
