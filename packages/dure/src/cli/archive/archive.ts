import { resolve } from 'node:path'
import { fault } from '../../kernel/errors/fault.ts'
import { systemWorld } from '../../host/system-world.ts'
import type { ArchivedPart, StandingPart } from '../../ports/archive.ts'
import { exits, type Given, type Surroundings } from '../command.ts'
import { confirmLoss } from '../migrate/confirm.ts'
import { writeArchive } from './archive-files.ts'
import { limitOf } from './limit.ts'
import { type ChosenLog, withLogs } from './logs.ts'
import { partJson, partText } from './told.ts'

/** Moves what nobody needs of old parts of the logs into files: `dure admin log archive`. */
export async function archiveLogs(given: Given, around: Surroundings): Promise<number> {
  const { options } = given
  const now = systemWorld.now()
  const before = limitOf(options['before'], now)
  const dry = options['dry-run'] === true
  if (typeof options['to'] !== 'string' && !dry) {
    const usage = 'dure admin log archive --before 365d --to archive'
    throw fault('DURE_CLI_USAGE', { problem: 'It is not said which folder takes the files.', usage })
  }
  const folder = resolve(around.cwd, String(options['to'] ?? '.'))
  return withLogs(given, around, async (system, logs) => {
    const found = await Promise.all(
      logs.map(async (log) => ({ log, parts: await log.archiving.parts(before) })),
    )
    const ready = found.flatMap(({ log, parts }) =>
      parts.filter((it) => it.standing === 'ready').map((part) => ({ log, part })),
    )
    const json = options['json'] === true
    if (!json) tell(found, around)
    const archived: (ArchivedPart & { readonly context: string })[] = []
    if (!dry) {
      await confirmLoss(ready.map(lossText), options['yes'] === true)
      for (const { log, part } of ready) {
        const { context, archiving } = log
        const it = await archiving.archive(part, before, (contents) =>
          writeArchive(folder, { system, context }, contents, now),
        )
        if (it === undefined) continue
        archived.push({ context, ...it })
        const { file, events } = it
        if (!json) around.out(`${around.paint('green', 'archived')} ${context}: ${events} events, ${file}\n`)
      }
    }
    if (json) around.out(`${JSON.stringify(answer(system, before, found, archived), null, 2)}\n`)
    return exits.ok
  })
}

interface Found {
  readonly log: ChosenLog
  readonly parts: readonly StandingPart[]
}

function lossText({ log, part }: { readonly log: ChosenLog; readonly part: StandingPart }): string {
  return `${log.context}: ${part.spare} events of ended aggregates leave the log, positions ${part.from} to ${part.to}`
}

function tell(found: readonly Found[], { out, paint }: Surroundings): void {
  for (const { log, parts } of found) {
    if (parts.length === 0) {
      out(`${paint('bold', log.context)}  ${paint('gray', 'the log has no part that is closed')}\n`)
    }
    for (const it of parts) out(`${paint('bold', log.context)}  ${partText(it, paint)}\n`)
  }
}

function answer(
  system: string,
  before: Date,
  found: readonly Found[],
  archived: readonly (ArchivedPart & { readonly context: string })[],
): object {
  const contexts = found.map(({ log: { context }, parts }) => ({
    context,
    parts: parts.map(partJson),
    archived: archived.filter((it) => it.context === context),
  }))
  return { system, before: before.toISOString(), contexts }
}
