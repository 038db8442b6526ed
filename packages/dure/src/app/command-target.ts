import type { AggregateDefinition, CommandDefinition } from '../domain/aggregate-definition.ts'
import type { AnyCommand } from '../domain/command.ts'
import type { Fields } from '../domain/fields/field.ts'
import { shapeOf, type Shape } from '../domain/fields/shape.ts'
import { fault } from '../kernel/errors/fault.ts'
import { commandGuards, type CommandGuards } from '../model/access/guard.ts'
import type { Handler, Reading } from '../model/handler.ts'
import type { ContextRuntime } from './context-runtime.ts'
import type { Keeper } from './aggregates/keeper.ts'

/** A command of a contract and what keeps it, compiled. */
export interface CommandTarget {
  readonly name: string
  readonly contract: Shape
  readonly aggregate: AggregateDefinition
  readonly keeper: Keeper
  readonly command: CommandDefinition
  readonly prepare: ((input: object, reading: Reading) => unknown) | undefined
  /** The command has the very fields of the contract, so values checked by one need no check by the other. */
  readonly sameFields: boolean
  /** The command takes no `id` of its own, so the contract's is whom it is for. */
  readonly idApart: boolean
  /** Who may give it; undefined where everyone may. */
  readonly guards: CommandGuards | undefined
}

/** Compiles the commands of a context's contract. */
export function commandTargets(context: ContextRuntime): ReadonlyMap<string, CommandTarget> {
  const targets = new Map<string, CommandTarget>()
  for (const [name, kept] of context.definition.commands) {
    const handler = (kept.kind as string) === 'handler' ? (kept as Handler<never, PropertyKey>) : undefined
    const pointed = handler === undefined ? (kept as AnyCommand) : handler.command
    const { keeper, command } = findCommand(context, name, pointed)
    const { fields } = context.definition.contract.commands[name] as { fields: Fields }
    targets.set(name, {
      name: `${context.name}.${name}`,
      contract: shapeOf(fields, `${context.name}.${name}`),
      aggregate: keeper.aggregate,
      keeper,
      command,
      prepare: handler?.prepare as CommandTarget['prepare'],
      sameFields:
        handler === undefined &&
        Object.entries(command.fields).every(([field, it]) => fields[field] === it) &&
        Object.keys(fields).every((field) => field === 'id' || Object.hasOwn(command.fields, field)),
      idApart: !Object.hasOwn(command.fields, 'id'),
      guards: commandGuards(context.definition, name),
    })
  }
  return targets
}

/** The aggregate and the definition behind a command value. */
export function findCommand(
  context: ContextRuntime,
  where: string,
  pointed: AnyCommand,
): { keeper: Keeper; command: CommandDefinition } {
  const keeper = context.keepers.get(pointed.aggregate)
  const command = keeper?.aggregate.commands.get(pointed.name)
  if (keeper === undefined || command === undefined) {
    throw fault('DURE_MODEL_INVALID', {
      where: `context ${context.name}`,
      reason: `${where} points at ${pointed.aggregate}.${pointed.name}, which is not a command of its aggregates.`,
      fix: `Add ${pointed.aggregate} to the parts of the context, with that command.`,
    })
  }
  return { keeper, command }
}
