import { relative } from 'node:path'
import type { Surroundings } from '../command.ts'
import type { EnterKey } from './enter-key.ts'
import { FileWatch } from './file-watch.ts'
import { Program, type Ended } from './program.ts'
import { watchedFiles } from './watched-files.ts'

export interface Supervised {
  readonly entry: string
  readonly args: readonly string[]
  readonly conditions: ReadonlySet<string>
  /** Resolves when the user wants to end. */
  readonly stopped: Promise<void>
  /** By which the user wants a restart without a change. */
  readonly enter: EnterKey
  /** Told each program that runs, so that an impatient user can kill it. */
  onProgram(program: Program): void
}

type News =
  | { readonly kind: 'changed'; readonly files: readonly string[] }
  | { readonly kind: 'stopped' | 'enter' }

/** Runs a program until the user stops it, again after each change and at Enter. The next one starts when the one before has ended. */
export async function supervise(it: Supervised, around: Surroundings): Promise<void> {
  const { cwd, err, paintError: paint } = around
  const say = (text: string): void => err(`${paint('gray', 'dure')} ${text}\n`)
  const watch = new FileWatch()
  const stopped = it.stopped.then((): News => ({ kind: 'stopped' }))
  let files: readonly string[] = []
  let changed: Promise<News> | undefined
  try {
    for (;;) {
      files = await watchedFiles(it.entry, it.conditions, files)
      watch.set(files)
      const program = new Program(it.entry, it.args, cwd, around.env)
      it.onProgram(program)
      let stopping = false
      void program.ended.then((ended) => {
        if (!stopping) say(`${wordsFor(ended)}; waiting for a change${it.enter.heard ? ' or Enter' : ''}`)
      })
      changed ??= watch.changed().then((list): News => ({ kind: 'changed', files: list }))
      const entered = it.enter.pressed().then((): News => ({ kind: 'enter' }))
      const news = await Promise.race([changed, stopped, entered])
      if (news.kind === 'changed') say(`restarting because ${named(news.files, cwd)} changed`)
      if (news.kind === 'enter') say('restarting')
      stopping = true
      await program.stop(() => say('it does not stop; killed'))
      if (news.kind === 'stopped') return
      if (news.kind === 'changed') changed = undefined
    }
  } finally {
    watch.close()
  }
}

function wordsFor({ code, signal }: Ended): string {
  return signal === null ? `the program ended with exit code ${code}` : `the program was ended by ${signal}`
}

function named([first = '', ...more]: readonly string[], cwd: string): string {
  return more.length === 0 ? relative(cwd, first) : `${relative(cwd, first)} and ${more.length} more`
}
