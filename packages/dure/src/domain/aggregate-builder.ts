import { fault } from '../kernel/errors/fault.ts'
import { checkName } from '../kernel/names.ts'
import type { AccessRule } from './access/access.ts'
import { checkAccess } from './access/check-access.ts'
import type { AggregateShape } from './aggregate.ts'
import type {
  AggregateDefinition,
  CommandDefinition,
  InvariantDefinition,
  State,
  UniqueDefinition,
} from './aggregate-definition.ts'
import type { Events, Rejections } from './decision.ts'
import { definitionOf, type EventDefinition, type RetiredDefinition } from './event.ts'
import type { Fields } from './fields/field.ts'
import { shapeOf } from './fields/shape.ts'
import { recordedTypesOf } from './history/recorded-types.ts'
import { voiceOf } from './voice.ts'

type Table<F> = Readonly<Record<string, F>>
type StartTable = Table<(event: object) => State>
type EvolveTable = Table<(state: State, event: object) => State>

// What a handle says already; and with a method `then`, `await load(id)` would take the handle for a promise.
const reserved = new Set(['id', 'version', 'state', 'then'])

/** The steps of `aggregate(…)` at run time. Each returns a new object, so a step taken twice forks, never mutates. */
class AggregateBuilder {
  readonly kind = 'aggregate'
  readonly definition: AggregateDefinition

  constructor(definition: AggregateDefinition) {
    this.definition = definition
  }

  get name(): string {
    return this.definition.name
  }

  get state(): Fields {
    return this.definition.state.fields
  }

  get events(): Readonly<Record<string, EventDefinition>> {
    return Object.fromEntries(this.definition.events)
  }

  get commands(): Readonly<Record<string, CommandDefinition>> {
    return Object.fromEntries(this.definition.commands)
  }

  starts(table: StartTable): AggregateBuilder {
    return this.#and({ starts: this.#handlers('starts', table) })
  }

  ends(...names: readonly string[]): AggregateBuilder {
    for (const name of names) this.#mustKnow('ends', name)
    return this.#and({ ends: new Set([...this.definition.ends, ...names]) })
  }

  evolves(table: EvolveTable): AggregateBuilder {
    const { starts, ends, events, name } = this.definition
    const missing = [...events.keys()].filter(
      (it) => !starts.has(it) && !ends.has(it) && !Object.hasOwn(table, it),
    )
    if (missing.length > 0) {
      throw fault('DURE_MODEL_INVALID', {
        where: `aggregate ${name}`,
        reason: `nothing handles ${missing.join(', ')}.`,
        fix: 'Handle every event in .starts, .ends or .evolves.',
      })
    }
    return this.#and({ evolves: this.#handlers('evolves', table) })
  }

  invariant(
    rejection: string,
    holds: (state: State) => boolean,
    data: InvariantDefinition['data'] = () => ({}),
  ): AggregateBuilder {
    if (!this.definition.rejections.has(rejection)) this.#unknown('invariant', `rejection ${rejection}`)
    return this.#and({ invariants: [...this.definition.invariants, { rejection, holds, data }] })
  }

  unique(
    rejection: string,
    value: UniqueDefinition['value'],
    data: UniqueDefinition['data'] = () => ({}),
  ): AggregateBuilder {
    const { rejections, uniques, name } = this.definition
    if (!rejections.has(rejection)) this.#unknown('unique', `rejection ${rejection}`)
    if (uniques.some((it) => it.rejection === rejection)) {
      throw fault('DURE_MODEL_DUPLICATE', {
        what: 'a unique value',
        name: rejection,
        where: `aggregate ${name}`,
      })
    }
    return this.#and({ uniques: [...uniques, { rejection, value, data }] })
  }

  factory(
    name: string,
    fields: Fields,
    decide: (input: object, deciding: object) => unknown,
    options: { id?: (input: object) => string; allow?: AccessRule } = {},
  ): AggregateBuilder {
    const wrapped: CommandDefinition['decide'] = (_, input, deciding) => decide(input, deciding)
    return this.#add({ ...this.#command(name, fields, 'creates', wrapped), ...options })
  }

  command(
    name: string,
    fields: Fields,
    decide: (state: State, input: object, deciding: object) => unknown,
    options: { allow?: AccessRule } = {},
  ): AggregateBuilder {
    return this.#add({
      ...this.#command(name, fields, 'changes', decide as CommandDefinition['decide']),
      ...options,
    })
  }

  #command(
    name: string,
    fields: Fields,
    mode: CommandDefinition['mode'],
    decide: CommandDefinition['decide'],
  ): CommandDefinition {
    const aggregate = this.definition.name
    checkName(`A command of ${aggregate}`, name)
    if (reserved.has(name)) {
      throw fault('DURE_MODEL_NAME', { what: `A command of ${aggregate}`, name })
    }
    const shape = shapeOf(fields, `${aggregate}.${name}`)
    return { kind: 'command', aggregate, name, fields, mode, shape, decide }
  }

  #add(command: CommandDefinition): AggregateBuilder {
    const { commands, name } = this.definition
    if (command.allow !== undefined) {
      checkAccess(`${name}.${command.name}`, command.allow, command.mode === 'changes')
    }
    if (commands.has(command.name)) {
      throw fault('DURE_MODEL_DUPLICATE', {
        what: 'a command',
        name: command.name,
        where: `aggregate ${name}`,
      })
    }
    return this.#and({ commands: new Map([...commands, [command.name, command]]) })
  }

  #and(more: Partial<AggregateDefinition>): AggregateBuilder {
    return new AggregateBuilder({ ...this.definition, ...more })
  }

  #handlers<F>(step: string, table: Table<F>): ReadonlyMap<string, F> {
    for (const name of Object.keys(table)) this.#mustKnow(step, name)
    return new Map(Object.entries(table))
  }

  #mustKnow(step: string, event: string): void {
    if (!this.definition.events.has(event)) this.#unknown(step, `event ${event}`)
  }

  #unknown(step: string, what: string): never {
    throw fault('DURE_MODEL_INVALID', {
      where: `aggregate ${this.definition.name}`,
      reason: `.${step}(…) names the ${what}, which it does not declare.`,
      fix: 'Declare it in the shape given to aggregate(…), or correct the name.',
    })
  }
}

/** Starts the builder behind `aggregate(…)`. */
export function defineAggregate(
  name: string,
  shape: AggregateShape<Fields, Events, Rejections>,
): AggregateBuilder {
  checkName('An aggregate', name)
  const events = new Map<string, EventDefinition>()
  for (const [key, it] of Object.entries(shape.events)) {
    if (it.name !== key) {
      throw fault('DURE_MODEL_INVALID', {
        where: `aggregate ${name}`,
        reason: `the event ${it.name} is listed under the name ${key}.`,
        fix: `List it as { ${it.name} }.`,
      })
    }
    events.set(key, definitionOf(it))
  }
  const rejections = new Map(
    Object.entries(shape.rejections ?? {}).map(([key, fields]) => {
      checkName(`A rejection of ${name}`, key)
      return [key, shapeOf(fields, `${name}.${key}`)]
    }),
  )
  return new AggregateBuilder({
    name,
    state: shapeOf(shape.state, name),
    events,
    recorded: recordedTypesOf(name, events, (shape.retired ?? []) as readonly RetiredDefinition[]),
    rejections,
    starts: new Map(),
    evolves: new Map(),
    ends: new Set(),
    invariants: [],
    uniques: [],
    commands: new Map(),
    voice: voiceOf(name, events, rejections),
  })
}
