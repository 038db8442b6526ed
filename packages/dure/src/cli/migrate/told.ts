import type { PlannedStep } from '../../migration/migration.ts'
import type { Progress } from '../../migration/walk.ts'
import type { Surroundings } from '../command.ts'
import type { Paint } from '../paint.ts'

/** A step for a person: what it does, and its SQL below. */
export function stepText({ context, kind, what, sql, destroys }: PlannedStep, paint: Paint): string {
  const head = `${paint(destroys ? 'red' : 'cyan', kind.padEnd(8))} ${paint('bold', context)}  ${what}`
  const loss = destroys ? paint('red', '  destroys data') : ''
  const below = (sql ?? '')
    .trim()
    .split('\n')
    .map((it) => `         ${paint('gray', it)}\n`)
  return `${head}${loss}\n${sql === undefined ? '' : below.join('')}`
}

/** Tells of progress on one line, rewritten at a terminal and left out elsewhere. */
export function progressLine({ err }: Surroundings, terminal: boolean): (done: Progress) => void {
  if (!terminal) return () => undefined
  return ({ done, at }) =>
    err(`\r         ${done.toLocaleString('en')} done, at ${at.id.slice(0, 40)}\u001b[K`)
}

/** Ends the line of {@link progressLine}. */
export function endProgress({ err }: Surroundings, terminal: boolean): void {
  if (terminal) err('\r\u001b[K')
}
