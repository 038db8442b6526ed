import type { AnyCommand } from '../../domain/command.ts'
import type { ContextDefinition } from '../context.ts'
import { finding, type Finding, type Rule } from './finding.ts'

/** Policies, jobs and pollers issue, and contracts are kept by, commands of aggregates among the parts of their context. */
export const commandsBelong: Rule = function* (system) {
  for (const context of system.contexts) {
    for (const { kind, name, definition } of [...context.policies, ...context.jobs, ...context.pollers]) {
      for (const command of Object.values(definition.commands)) {
        yield* belongs(context, `${context.name}, ${kind} "${name}"`, command)
      }
    }
    for (const [name, it] of context.commands) {
      const command = it.kind === 'handler' ? it.command : it
      yield* belongs(context, `${context.name}, contract command ${name}`, command)
    }
  }
}

function* belongs(context: ContextDefinition, where: string, command: AnyCommand): Generator<Finding> {
  const { aggregate, name } = command
  const found = context.aggregates.some(
    (it) => (it.definition.commands.get(name) as unknown as AnyCommand | undefined) === command,
  )
  if (found) return
  yield finding('DURE_CHECK_PART', where, {
    command: `${aggregate}.${name}`,
    aggregate,
    context: context.name,
  })
}
