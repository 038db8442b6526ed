import type { AccessRule } from './access/access.ts'
import type { EventDefinition } from './event.ts'
import type { Fields } from './fields/field.ts'
import type { Shape } from './fields/shape.ts'
import type { RecordedType } from './history/recorded-types.ts'

export type State = Readonly<Record<string, unknown>>

/** One command of an aggregate, at run time. */
export interface CommandDefinition {
  readonly kind: 'command'
  readonly aggregate: string
  readonly name: string
  readonly fields: Fields
  readonly mode: 'creates' | 'changes'
  readonly shape: Shape
  /** A factory is called without state. */
  readonly decide: (state: State | undefined, input: object, deciding: object) => unknown
  readonly id?: (input: object) => string
  /** Who may give it from outside; what the context itself decides, such as a policy, is not asked. */
  readonly allow?: AccessRule
}

export interface InvariantDefinition {
  readonly rejection: string
  readonly holds: (state: State) => boolean
  readonly data: (state: State) => object
}

/** A value that only one aggregate of the kind may have. */
export interface UniqueDefinition {
  readonly rejection: string
  /** Its parts, or undefined for a state that claims none. */
  readonly value: (state: State) => string | readonly string[] | undefined
  readonly data: (state: State) => object
}

/** Everything that an aggregate says, as data: what the runtime, the checks and the pictures read. */
export interface AggregateDefinition {
  readonly name: string
  readonly state: Shape
  readonly events: ReadonlyMap<string, EventDefinition>
  /** How what is stored is read, by the name it is stored under: besides the events, retired ones and former names. */
  readonly recorded: ReadonlyMap<string, RecordedType>
  readonly rejections: ReadonlyMap<string, Shape>
  readonly starts: ReadonlyMap<string, (event: object) => State>
  readonly evolves: ReadonlyMap<string, (state: State, event: object) => State>
  readonly ends: ReadonlySet<string>
  readonly invariants: readonly InvariantDefinition[]
  readonly uniques: readonly UniqueDefinition[]
  readonly commands: ReadonlyMap<string, CommandDefinition>
  /** Makes events and rejections for the decisions of this aggregate. */
  readonly voice: Voice
}

/** `emit` and `reject`, made once per aggregate. */
export interface Voice {
  readonly emit: Readonly<Record<string, (data: unknown) => Emission>>
  readonly reject: (name: string, data?: unknown) => Rejection
}

/** An event decided; only `emit` makes them. */
export class Emission {
  readonly type: string
  readonly data: object
  constructor(type: string, data: object) {
    this.type = type
    this.data = data
  }
}

/** The domain's no; only `reject` makes them. */
export class Rejection {
  readonly rejected: string
  readonly data: object
  constructor(rejected: string, data: object) {
    this.rejected = rejected
    this.data = data
  }
}
