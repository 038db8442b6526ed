import type { AccessRule } from '../../domain/access/access.ts'
import type { Caller } from '../../kernel/caller.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { ContextDefinition } from '../context.ts'
import { commandAccess, contextDecides } from './decisions.ts'
import { judge, signed, type Known } from './judge.ts'

/** Stands before one command or query of a context. */
export interface Guard {
  readonly context: string
  /** `command placeOrder` */
  readonly what: string
  readonly rule: AccessRule
  /** The same caller with the same roles may be let in or not, by what it asks for. */
  readonly personal: boolean
}

/** What the doors of a command ask for, in their order: on the contract's input, then on the aggregate. */
export interface CommandGuards {
  readonly door: Guard | undefined
  readonly aggregate: Guard | undefined
  /** As that of either. */
  readonly personal: boolean
}

const nobody: AccessRule = { kind: 'anyOf', rules: [] }

/** The guards of a contract's command; none where everyone may, or the context says nowhere who may. */
export function commandGuards(context: ContextDefinition, name: string): CommandGuards | undefined {
  const { door, aggregate } = commandAccess(context, name)
  const what = `command ${name}`
  const said = door ?? (aggregate === undefined ? undecided(context) : undefined)
  const guards = { door: guardOf(context, what, said), aggregate: guardOf(context, what, aggregate) }
  if (guards.door === undefined && guards.aggregate === undefined) return undefined
  return { ...guards, personal: guards.door?.personal === true || guards.aggregate?.personal === true }
}

/**
 * Turns away at once whom nothing could let in, before the input is looked at.
 * @throws DURE_UNAUTHENTICATED, DURE_FORBIDDEN
 */
export function enter({ door, aggregate }: CommandGuards, caller: Caller): void {
  if (door !== undefined) admit(door, caller, {})
  if (aggregate !== undefined) admit(aggregate, caller, {})
}

/** The guard of a contract's query, as those of commands. */
export function queryGuard(context: ContextDefinition, name: string): Guard | undefined {
  return guardOf(context, `query ${name}`, context.allow.queries[name] ?? undecided(context))
}

function undecided(context: ContextDefinition): AccessRule | undefined {
  return contextDecides(context) ? nobody : undefined
}

function guardOf(context: ContextDefinition, what: string, rule: AccessRule | undefined): Guard | undefined {
  if (rule === undefined || rule.kind === 'everyone') return undefined
  return { context: context.name, what, rule, personal: isPersonal(rule) }
}

function isPersonal(rule: AccessRule): boolean {
  if ('rules' in rule) return rule.rules.some(isPersonal)
  return rule.kind === 'owner' || rule.kind === 'actor'
}

/**
 * Lets a caller in as far as is known: `false` where the rest turns on what is not known yet.
 * @throws DURE_UNAUTHENTICATED for who is not signed in, DURE_FORBIDDEN for anybody else
 */
export function admit(guard: Guard, caller: Caller, known: Known): boolean {
  const verdict = isInside(guard, caller) ? 'yes' : judge(guard.rule, caller, known)
  if (verdict !== 'no') return verdict === 'yes'
  const { context, what } = guard
  if (!signed(caller) && caller.service === undefined) throw fault('DURE_UNAUTHENTICATED', { context, what })
  throw fault('DURE_FORBIDDEN', { context, what })
}

/** Whether a caller is let in, now that all is known. */
export function admits(guard: Guard, caller: Caller, known: Known): boolean {
  return isInside(guard, caller) || judge(guard.rule, caller, known) === 'yes'
}

// A context trusts itself: its doors are for others.
function isInside({ context }: Guard, { trusted, service }: Caller): boolean {
  return trusted === true || service === context
}
