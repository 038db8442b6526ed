import { exits, type Command, type Surroundings } from '../command.ts'
import { EnterKey } from '../dev/enter-key.ts'
import type { Program } from '../dev/program.ts'
import { supervise } from '../dev/supervise.ts'
import { withEnvFiles } from '../../host/config/env-files.ts'
import { runSplit } from '../dev/split/split.ts'
import { findEntry, findProject, loadSystem } from '../project/project.ts'
import { importConditions } from '../source/resolve-import.ts'

/** A launcher may pass Ctrl-C on while the terminal sends it too. */
const SAME_SIGNAL_MS = 300

export const dev: Command = {
  name: 'dev',
  about: 'Runs the program, and runs it again when one of its files changes',
  takes: '[entry]',
  most: 1,
  options: {
    split: { type: 'boolean', about: 'run each context in a process of its own' },
  },
  details: `
The program is package.json's "dure": { "entry" }, else src/main.ts, and its files are those that it imports,
of other workspaces too. A program that fails is started again when a file of it changes. Enter starts it again
without a change. Ctrl-C stops it and waits until it has stopped; a second Ctrl-C does not wait. What follows --
are the program's arguments.

With --split each context runs in a process of its own, as it may in production: they call each other over HTTP, and
events go over a broker. One address stands before all of them, on PORT; their logs come as one, each line with the name
of its context; one that ends is started again. Without DATABASE_URL they share the embedded PostgreSQL; without NATS_URL
and KAFKA_URL events are carried in the memory of dure dev, which loses nothing, since they are in the logs.
`,
  async run({ arguments: [given], options, rest }, around) {
    const entry = findEntry('entry', findProject(around.cwd), around.cwd, given)
    const conditions = importConditions(process.execArgv, around.env['NODE_OPTIONS'])
    let program: Pick<Program, 'kill'> | undefined
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
    const onProgram = (it: Pick<Program, 'kill'>): void => void (program = it)
    if (options['split'] === true) {
      const system = await loadSystem(findEntry('system', findProject(around.cwd), around.cwd), around.cwd)
      const split = { system, entry, args: rest, conditions, stopped, enter, onPrograms: onProgram }
      await runSplit(split, withEnv(around))
      return exits.ok
    }
    await supervise({ entry, args: rest, conditions, stopped, enter, onProgram }, around)
    return exits.ok
  },
}

/** What the program would read from `.env` counts for what its processes share too. */
function withEnv(around: Surroundings): Surroundings {
  return { ...around, env: withEnvFiles(around.env, around.cwd).env }
}
