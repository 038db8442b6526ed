import type { AccessRule } from '../../domain/access/access.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { ContractShapes } from '../promises/contract-shapes.ts'
import type { RelationKind } from '../system.ts'

/**
 * A model as JSON, format `dure-model/1` (docs/reference/model-json.md). Lists are in the order of the source, classes by
 * name, so equal models give equal texts. Within a version of the format keys are only added.
 */
export interface ModelDescription {
  readonly format: 'dure-model/1'
  readonly system: string
  readonly contexts: readonly ContextDescription[]
  /** Contexts of other repositories, with the contract that this one was written against. */
  readonly elsewhere: readonly ForeignDescription[]
  readonly relations: readonly RelationDescription[]
  readonly sharedKernels: readonly { readonly package: string; readonly between: readonly string[] }[]
  readonly routes: readonly RouteDescription[]
}

/** A bounded context: what it promises, and what it is made of. */
export interface ContextDescription {
  readonly name: string
  readonly contract: ContractDescription
  /** What the contract promises, as JSON Schemas: what other repositories are held against. */
  readonly shapes: ContractShapes
  readonly aggregates: readonly AggregateDescription[]
  /** The value objects and entities that its fields use. */
  readonly classes: readonly ClassDescription[]
  /** Which aggregates its aggregates refer to: the arrows of a class diagram. */
  readonly references: readonly ReferenceDescription[]
  readonly views: readonly ViewDescription[]
  readonly policies: readonly PolicyDescription[]
  readonly jobs: readonly JobDescription[]
  readonly pollers: readonly PollerDescription[]
  readonly translators: readonly { readonly from: EventPointer; readonly to: MessageDescription }[]
  readonly services: readonly string[]
  readonly attached: readonly AttachedDescription[]
}

/** A context that is known by contract alone. */
export interface ForeignDescription {
  readonly name: string
  readonly shapes: ContractShapes
}

/** Settings or a backing service that a context uses. */
export interface AttachedDescription {
  /** `settings`, or what sort of resource it is. */
  readonly kind: 'settings' | 'cache' | 'objectStore' | 'http' | 'database' | 'broker'
  /** Of a resource. */
  readonly name?: string
  /** Of a resource: whether the process is ready without it. */
  readonly optional?: boolean
  readonly variables: readonly {
    readonly name: string
    readonly about: string
    /** Whether it has to be set, in production. */
    readonly required: boolean
    readonly secret: boolean
  }[]
}

/** Fields by name, in the order of the source. */
export type FieldsDescription = Readonly<Record<string, FieldDescription>>

/** One field. */
export type FieldDescription =
  /** A foreign schema, with the JSON Schema (draft 2020-12) of its input where it can say it. */
  | { readonly kind: 'schema'; readonly vendor: string; readonly jsonSchema?: JsonObject }
  /** A class of the context, by name. */
  | { readonly kind: 'value' | 'entity'; readonly name: string }
  /** The id of an aggregate. */
  | { readonly kind: 'ref'; readonly to: string }
  | { readonly kind: 'list' | 'optional'; readonly of: FieldDescription }
  | { readonly kind: 'object'; readonly fields: FieldsDescription }
  | { readonly kind: 'oneOf'; readonly values: readonly string[] }
  | { readonly kind: 'instant' | 'bigInt' | 'bytes' }

/** A name and its fields. */
export interface MessageDescription {
  readonly name: string
  readonly fields: FieldsDescription
}

/** What a context promises, and what keeps it. */
export interface ContractDescription {
  readonly commands: readonly (MessageDescription & {
    readonly keptBy: CommandPointer & { readonly prepared: boolean }
    /** Absent where nothing says who may. */
    readonly allow?: AccessDescription
  })[]
  readonly events: readonly (MessageDescription & { readonly from: string })[]
  readonly rejections: readonly MessageDescription[]
  readonly queries: readonly QueryDescription[]
}

/** A query: what it asks, and what it answers, a field map (`fields`) or one field (`field`). */
export interface QueryDescription {
  readonly name: string
  readonly in: FieldsDescription
  readonly out: { readonly fields: FieldsDescription } | { readonly field: FieldDescription }
  /** Absent where nothing says who may. */
  readonly allow?: AccessDescription
}

/** Who may give a command or ask a query. */
export interface AccessDescription {
  readonly kind: AccessRule['kind']
  /** Of `role`, `tenant` and `service`: which; any of them. */
  readonly names?: readonly string[]
  /** Of `anyOf` and `allOf`. */
  readonly rules?: readonly AccessDescription[]
}

/** An aggregate. */
export interface AggregateDescription {
  readonly name: string
  readonly state: FieldsDescription
  readonly events: readonly EventDescription[]
  readonly rejections: readonly MessageDescription[]
  /** The rejections that a decision meets when its outcome does not hold. */
  readonly invariants: readonly string[]
  readonly commands: readonly (MessageDescription & { readonly mode: 'creates' | 'changes' })[]
}

/** An event of an aggregate. */
export interface EventDescription extends MessageDescription {
  readonly version: number
  readonly does: 'starts' | 'changes' | 'ends'
  /** Older shapes that the log may hold, newest first. */
  readonly older: readonly { readonly version: number; readonly fields: FieldsDescription }[]
}

/** A value object, or an entity with the field that identifies it. */
export interface ClassDescription extends MessageDescription {
  readonly kind: 'value' | 'entity'
  readonly key?: string
}

/** `from` is an aggregate or a class; `field` is its field, with a path where the ref stands inside. */
export interface ReferenceDescription {
  readonly from: string
  readonly field: string
  readonly to: string
}

/** A command of an aggregate of the context. */
interface CommandPointer {
  readonly aggregate: string
  readonly command: string
}

/** An event: of the contract of `context`, or where that is absent, from inside. */
export interface EventPointer {
  readonly event: string
  readonly context?: string
}

/** A read model. */
export interface ViewDescription {
  readonly name: string
  readonly key: string
  readonly row: FieldsDescription
  readonly on: readonly EventPointer[]
}

/** Whenever `on`, some of `issues`. */
export interface PolicyDescription {
  readonly name: string
  readonly on: EventPointer
  readonly issues: readonly CommandPointer[]
  /** Whether it says what to do when a command is rejected. */
  readonly handlesRejection: boolean
}

/** Work of many items, when it is due or asked for. */
export interface JobDescription {
  readonly name: string
  /** `daily 03:00 Asia/Seoul`; `null` where it runs when somebody asks. */
  readonly schedule: string | null
  readonly takes: FieldsDescription
  readonly catchUp: 'latest' | 'all' | 'none'
  readonly limitMs: number
  readonly tries: number
  readonly issues: readonly CommandPointer[]
  readonly handlesRejection: boolean
}

/** What brings in what a source outside has. */
export interface PollerDescription {
  readonly name: string
  readonly everyMs: number
  readonly issues: readonly CommandPointer[]
  readonly handlesRejection: boolean
}

/** An edge of the context map. */
export interface RelationDescription {
  readonly upstream: string
  readonly downstream: string
  readonly as: RelationKind
}

/** A REST route; it leads to a command or to a query. */
export interface RouteDescription {
  readonly method: string
  readonly path: string
  readonly context: string
  readonly command?: string
  readonly query?: string
}
