import type { AccessRule } from '../../domain/access/access.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { ContextDefinition } from '../context.ts'
import type { System } from '../system.ts'

/** Who may use one command or query of a contract. */
export interface AccessDecision {
  readonly context: string
  readonly kind: 'command' | 'query'
  readonly name: string
  /** Undefined where nothing says it. */
  readonly allow: AccessRule | undefined
}

/** What the aggregate's command says, and what the context says beside it: where both do, both have to let the caller in. */
export interface CommandAccess {
  readonly door: AccessRule | undefined
  readonly aggregate: AccessRule | undefined
}

/** Who may give a command of a contract. */
export function commandAccess(context: ContextDefinition, name: string): CommandAccess {
  const kept = context.commands.get(name)
  const pointed = kept?.kind === 'handler' ? kept.command : kept
  const { commands } = context.aggregates.find((it) => it.name === pointed?.aggregate)?.definition ?? {
    commands: undefined,
  }
  return { door: context.allow.commands[name], aggregate: commands?.get(pointed?.name ?? '')?.allow }
}

/** Every command and query of a system, with who may. */
export function accessDecisions(system: System): readonly AccessDecision[] {
  return system.contexts.flatMap(decisionsOf)
}

/** Those of one context. */
export function decisionsOf(context: ContextDefinition): readonly AccessDecision[] {
  const { name, contract } = context
  return [
    ...Object.keys(contract.commands).map((it) => {
      const { door, aggregate } = commandAccess(context, it)
      const both = door !== undefined && aggregate !== undefined
      const allow: AccessRule | undefined = both
        ? { kind: 'allOf', rules: [door, aggregate] }
        : (door ?? aggregate)
      return { context: name, kind: 'command' as const, name: it, allow }
    }),
    ...Object.keys(contract.queries).map((it) => {
      return { context: name, kind: 'query' as const, name: it, allow: context.allow.queries[it] }
    }),
  ]
}

/**
 * Whether a system says who may: as soon as one command or query does, all have to, and who is not let in is refused. A
 * system that says it nowhere is open to everyone.
 */
export function decidesAccess(system: System): boolean {
  return accessDecisions(system).some((it) => it.allow !== undefined)
}

/** Whether one context does. */
export function contextDecides(context: ContextDefinition): boolean {
  return decisionsOf(context).some((it) => it.allow !== undefined)
}

/**
 * Refuses a system whose callers are known, where anything says nothing of who may.
 * @throws DURE_ACCESS_UNDECIDED
 */
export function refuseUndecided(system: System): void {
  const undecided = accessDecisions(system)
    .filter((it) => it.allow === undefined)
    .map((it) => `${it.context}.${it.name}`)
  if (undecided.length > 0) throw fault('DURE_ACCESS_UNDECIDED', { system: system.name, undecided })
}
