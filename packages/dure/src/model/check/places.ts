import type { AggregateDefinition } from '../../domain/aggregate-definition.ts'
import { definitionOf } from '../../domain/event.ts'
import type { Field, Fields } from '../../domain/fields/field.ts'
import type { ContextDefinition } from '../context.ts'
import type { ContractEvent, QueryShape } from '../contract.ts'

/** A field map somewhere in a context. */
export interface Place {
  /** `Ordering, event OrderPlaced`. */
  readonly where: string
  readonly fields: Fields
  /** What it describes is stored: an event, a state, a row. */
  readonly stored: boolean
}

type Shaped = Readonly<Record<string, { readonly fields: Fields }>>

/** Every field map of a context, in the order of the source. */
export function* placesOf(context: ContextDefinition): Generator<Place> {
  yield* contractPlaces(context)
  for (const it of context.aggregates) yield* aggregatePlaces(context.name, it.definition)
  for (const { name, definition } of context.views) {
    yield { where: `${context.name}, view ${name}`, fields: definition.shape.fields, stored: true }
  }
  for (const { to } of context.translators) {
    yield { where: `${context.name}, message ${to.name}`, fields: definitionOf(to).fields, stored: false }
  }
}

function* contractPlaces({ name, contract }: ContextDefinition): Generator<Place> {
  for (const [command, { fields }] of Object.entries(contract.commands as Shaped)) {
    yield { where: `${name}, contract command ${command}`, fields, stored: false }
  }
  for (const [event, { fields }] of Object.entries(contract.events as Shaped)) {
    yield { where: `${name}, contract event ${event}`, fields, stored: true }
  }
  for (const [rejection, fields] of Object.entries(contract.rejections as Readonly<Record<string, Fields>>)) {
    yield { where: `${name}, contract rejection ${rejection}`, fields, stored: false }
  }
  for (const [query, it] of Object.entries(contract.queries as Readonly<Record<string, QueryShape>>)) {
    yield { where: `${name}, contract query ${query}`, fields: it.in, stored: false }
    yield { where: `${name}, contract query ${query}`, fields: answerFields(it.out), stored: false }
  }
}

function* aggregatePlaces(context: string, it: AggregateDefinition): Generator<Place> {
  const where = `${context}, aggregate ${it.name}`
  yield { where, fields: it.state.fields, stored: true }
  for (const event of it.events.values()) {
    yield { where: `${context}, event ${event.name}`, fields: event.fields, stored: true }
  }
  for (const [name, shape] of it.rejections) {
    yield { where: `${where}, rejection ${name}`, fields: shape.fields, stored: false }
  }
  for (const command of it.commands.values()) {
    yield { where: `${where}, command ${command.name}`, fields: command.fields, stored: false }
  }
}

/** A query answers a field map or one field. */
export function isField(it: Fields | Field): it is Field {
  return typeof it === 'function' || '~standard' in it
}

function answerFields(out: Fields | Field): Fields {
  return isField(out) ? { answer: out } : out
}

/** The event of a contract by its name, as the system's contract has it. */
export function promisedEvent(
  context: Pick<ContextDefinition, 'contract'>,
  name: string,
): ContractEvent<string, string, Fields> | undefined {
  return (context.contract.events as Readonly<Record<string, ContractEvent<string, string, Fields>>>)[name]
}
