import type { SentCommand } from '../load/record.ts'
import type { LoggedEvent } from './read-logs.ts'
import type { Violation } from './violation.ts'

/** Every answered command has its effect once, where and as it was answered; no other has one. */
export function auditCommands(
  sent: readonly SentCommand[],
  log: readonly LoggedEvent[],
): readonly Violation[] {
  const found: Violation[] = []
  const byMark = Map.groupBy(log, (it) => it.data.mark)
  const known = new Set(sent.map((it) => it.mark))
  for (const command of sent) {
    const { mark, answer } = command
    const events = byMark.get(mark) ?? []
    const say = (what: string): void => {
      const about = [command.order, events[0]?.id, mark].filter((it) => it !== undefined)
      found.push({ check: 'commands', what: `${mark} (${command.kind}) ${what}`, at: command.sentAt, about })
    }
    const at = events.map((it) => `position ${it.position}, version ${it.version} of ${it.id}`).join(' and ')
    if (command.doomed) {
      if (events.length > 0) say(`was taken back by the restore and is there: ${at}`)
    } else if (answer === undefined) say(`was never answered in ${command.tries} tries`)
    else if (!answer.ok) {
      if (events.length > 0) say(`was answered ${answer.rejected} and has happened: ${at}`)
    } else if (events.length === 0) say(`was answered with version ${answer.version}, and has not happened`)
    else if (events.length > 1) say(`has happened ${events.length} times: ${at}`)
    else if (events[0]?.version !== answer.version || events[0].id !== answer.id) {
      say(`was answered with version ${answer.version} of ${answer.id}, and stands at ${at}`)
    }
  }
  for (const [mark, [event]] of byMark) {
    if (!known.has(mark))
      found.push({
        check: 'commands',
        what: `${mark} happened, and nobody has sent it`,
        about: [event?.id ?? mark],
      })
  }
  return [...found, ...auditNames(sent), ...auditTurns(sent)]
}

/** Of those who want the same name one gets it. */
function auditNames(sent: readonly SentCommand[]): readonly Violation[] {
  const wanted = Map.groupBy(
    sent.filter((it) => it.kind === 'place' && !it.doomed),
    (it) => it.name,
  )
  return [...wanted].flatMap(([name, some]): Violation[] => {
    const got = some.filter((it) => it.answer?.ok === true)
    if (got.length === 1 || some.some((it) => it.answer === undefined)) return []
    const what = `the name ${name} was given to ${got.length} of ${some.length} orders: ${some.map((it) => it.mark).join(', ')}`
    return [{ check: 'commands', what, at: some[0]?.sentAt }]
  })
}

/** Who sends one command after the answer to another finds it after that one. */
function auditTurns(sent: readonly SentCommand[]): readonly Violation[] {
  const last = new Map<string, number>()
  return sent.flatMap(({ lane, mark, order, answer, sentAt, doomed }): Violation[] => {
    if (doomed || answer?.ok !== true) return []
    const turn = `${lane} ${answer.id}`
    const before = last.get(turn) ?? 0
    last.set(turn, answer.version)
    if (answer.version > before) return []
    const what = `${mark} got version ${answer.version}, after version ${before} had been answered to ${lane}`
    return [{ check: 'commands', what, at: sentAt, about: [order ?? mark] }]
  })
}

/** The versions of each aggregate follow one another, in the order of their positions. */
export function auditLog(name: string, log: readonly LoggedEvent[]): readonly Violation[] {
  const versions = new Map<string, number>()
  return log.flatMap(({ id, version, position }): Violation[] => {
    const before = versions.get(id) ?? 0
    versions.set(id, version)
    if (version === before + 1) return []
    const what = `${name}: version ${version} of ${id} at position ${position} follows version ${before}`
    return [{ check: 'log', what, about: [id] }]
  })
}
