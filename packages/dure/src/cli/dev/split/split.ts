import { environmentName } from '../../../host/config/of-contexts.ts'
import { readConfig } from '../../../host/config.ts'
import type { System } from '../../../model/system.ts'
import type { Surroundings } from '../../command.ts'
import type { EnterKey } from '../enter-key.ts'
import { FileWatch } from '../file-watch.ts'
import { Program } from '../program.ts'
import { watchedFiles } from '../watched-files.ts'
import { openBacking, type Backing } from './backing.ts'
import { freePorts } from './free-port.ts'
import { openFront } from './front.ts'
import { Interleaved } from './interleaved.ts'
import { Member } from './member.ts'

export interface SplitRun {
  readonly system: System
  readonly entry: string
  readonly args: readonly string[]
  readonly conditions: ReadonlySet<string>
  /** Resolves when the user wants to end. */
  readonly stopped: Promise<void>
  readonly enter: EnterKey
  /** Told the processes that run, so that an impatient user can kill them. */
  onPrograms(programs: { kill(): void }): void
}

/**
 * Runs each context of a system in a process of its own until the user stops it: with one address before them, one log of
 * all, and what they stand on shared. All start again when a file changes, and one alone when it ends.
 */
export async function runSplit(it: SplitRun, around: Surroundings): Promise<void> {
  const { env, err, paintError: paint, cwd } = around
  const say = (text: string): void => err(`${paint('gray', 'dure')} ${text}\n`)
  const names = it.system.contexts.map((context) => context.name)
  const backing = await openBacking(env, names.length, say)
  try {
    const ports = new Map((await freePorts(names.length)).map((port, i) => [names[i] as string, port]))
    const { HOST: host, PORT: port } = readConfig(env)
    const front = await openFront(it.system, ports, { host, port })
    say(`${it.system.name} in ${names.length} processes, all of it on http://${host}:${port}`)
    say(`data: ${backing.data}; events: ${backing.events}`)
    try {
      await keepRunning(it, around, variablesOf(env, backing, ports), say, cwd)
    } finally {
      await front.close()
    }
  } finally {
    await backing.close()
  }
}

type Variables = (context: string) => Readonly<Record<string, string | undefined>>

function variablesOf(
  env: Surroundings['env'],
  backing: Backing,
  ports: ReadonlyMap<string, number>,
): Variables {
  const urls = Array.from(ports, ([name, port]): readonly [string, string] => [
    `DURE_URL_${environmentName(name)}`,
    `http://127.0.0.1:${port}`,
  ])
  return (context) => ({
    ...env,
    ...backing.env,
    ...Object.fromEntries(urls),
    DURE_CONTEXTS: context,
    HOST: '127.0.0.1',
    PORT: String(ports.get(context)),
  })
}

async function keepRunning(
  it: SplitRun,
  around: Surroundings,
  variables: Variables,
  say: (text: string) => void,
  cwd: string,
): Promise<void> {
  const names = it.system.contexts.map((context) => context.name)
  const log = new Interleaved(names, around)
  const watch = new FileWatch()
  const stopped = it.stopped.then(() => 'stopped' as const)
  let files: readonly string[] = []
  try {
    for (;;) {
      files = await watchedFiles(it.entry, it.conditions, files)
      watch.set(files)
      const members = names.map((name) => {
        const start = (): Program => new Program(it.entry, it.args, cwd, variables(name), log.of(name))
        return new Member({ name, start, say })
      })
      it.onPrograms({ kill: () => members.forEach((member) => member.kill()) })
      const changed = watch.changed().then(() => 'changed' as const)
      const entered = it.enter.pressed().then(() => 'entered' as const)
      const news = await Promise.race([changed, stopped, entered])
      if (news !== 'stopped') say(news === 'changed' ? 'restarting because a file changed' : 'restarting')
      await Promise.all(members.map((member) => member.stop()))
      if (news === 'stopped') return
    }
  } finally {
    watch.close()
  }
}
