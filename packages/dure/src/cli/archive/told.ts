import type { FollowerBehind, StandingPart } from '../../ports/archive.ts'
import type { Paint } from '../paint.ts'

/** A part for a person: which positions, and what can be done with it. */
export function partText(it: StandingPart, paint: Paint): string {
  const head = `positions ${it.from} to ${it.to}, ${it.events} events`
  return `${head}  ${paint(it.standing === 'ready' ? 'green' : 'gray', standingText(it))}`
}

function standingText({ standing, spare, newest, behind }: StandingPart): string {
  if (standing === 'ready') return `${spare} can be archived`
  if (standing === 'needed')
    return 'all are needed: their aggregates have not ended, or something of them is parked'
  if (standing === 'young') return `the newest is of ${newest?.toISOString()}`
  if (standing === 'unsettled') return 'a transaction that is open may still write into it'
  return `followed: ${behind.map(behindText).join(', ')}`
}

function behindText({ context, consumer, through }: FollowerBehind): string {
  return `${context} ${consumer} ${through === undefined ? 'has not begun' : `is at ${through}`}`
}

/** A part as JSON: times as texts, `null` for what there is not. */
export function partJson({ newest, behind, ...rest }: StandingPart): object {
  return {
    ...rest,
    newest: newest?.toISOString() ?? null,
    behind: behind.map((it) => ({ ...it, through: it.through ?? null })),
  }
}
