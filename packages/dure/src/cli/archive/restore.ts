import { resolve } from 'node:path'
import { fault } from '../../kernel/errors/fault.ts'
import type { ArchivedPart } from '../../ports/archive.ts'
import { exits, type Given, type Surroundings } from '../command.ts'
import { readArchive } from './archive-files.ts'
import { withLogs } from './logs.ts'

/** Brings back what was archived of the logs: `dure admin log restore`. */
export async function restoreLogs(given: Given, around: Surroundings): Promise<number> {
  const { from, json } = given.options
  if (typeof from !== 'string') {
    const problem = 'It is not said which folder has the files.'
    throw fault('DURE_CLI_USAGE', { problem, usage: 'dure admin log restore --from archive' })
  }
  const folder = resolve(around.cwd, from)
  return withLogs(given, around, async (system, logs) => {
    const restored: (ArchivedPart & { readonly context: string })[] = []
    for (const { context, archiving } of logs) {
      const missing = await archiving.archived()
      if (missing.length === 0 && json !== true) around.out(`${context}: nothing is archived\n`)
      for (const it of missing) {
        const { sha256, lines } = await readArchive(folder, it.file, context)
        if (sha256 !== it.sha256) {
          const reason = `${it.file} is not as it was written: its SHA-256 is ${sha256}, not ${it.sha256}`
          throw fault('DURE_ARCHIVE_FAILED', { context, reason })
        }
        const back = await archiving.restore(it, lines)
        restored.push({ context, ...back })
        if (json === true) continue
        around.out(`${around.paint('green', 'restored')} ${context}: ${back.events} events, ${back.file}\n`)
      }
    }
    if (json === true) around.out(`${JSON.stringify({ system, restored }, null, 2)}\n`)
    return exits.ok
  })
}
