export type { Id } from './kernel/brand.ts'
export { DureError, isDureError } from './kernel/error.ts'
export type { ErrorDetails, FaultKind, Issue } from './kernel/error.ts'
export type { ErrorCode } from './kernel/errors/catalogue.ts'
export type { Refused } from './kernel/type-error.ts'
export type { World } from './kernel/world.ts'
export type { Field, Fields, Input, InputOf, Output, OutputOf } from './domain/fields/field.ts'
export { list, type ListField } from './domain/fields/list.ts'
export { optional, type OptionalField } from './domain/fields/optional.ts'
export { object, type ObjectField } from './domain/fields/object.ts'
export { oneOf, type OneOfField } from './domain/fields/one-of.ts'
export { ref, type RefField } from './domain/fields/ref.ts'
export { bigInt, bytes, instant } from './domain/fields/codecs.ts'
export type { DureField } from './domain/fields/dure-field.ts'
export { valueObject, type ValueMethods, type ValueObjectClass } from './domain/value-object.ts'
export { entity, type EntityClass, type EntityMethods } from './domain/entity.ts'
export {
  actor,
  allOf,
  anyOf,
  everyone,
  owner,
  role,
  service,
  signedIn,
  tenant,
  type Access,
  type AccessRule,
  type OnInput,
  type OnOwned,
} from './domain/access/access.ts'
export { event, type AnyEvent, type Event, type RetiredEvent, type VersionedEvent } from './domain/event.ts'
export {
  aggregate,
  type Aggregate,
  type AnyAggregate,
  type IdOf,
  type Life,
  type StateOf,
} from './domain/aggregate.ts'
export type { AnyCommand, Changes, Command, Creates } from './domain/command.ts'
export type { DataOf, Deciding, Emitted, Rejected } from './domain/decision.ts'
export { domainService, type DomainService } from './domain/domain-service.ts'
export type { Loaded } from './domain/handle.ts'
export type { Repository } from './domain/repository.ts'
export { contract, type AnyContract, type Contract } from './model/contract.ts'
export type {
  ContractCommand,
  ContractEvent,
  ContractQuery,
  FieldMaps,
  QueryShapes,
} from './model/contract.ts'
export { context, type Context, type Part } from './model/context.ts'
export type { Attached, Setting } from './model/attached/attached.ts'
export type {
  Broker,
  Cache,
  Database,
  ObjectStore,
  SqlQueries,
  StoredObject,
  ThirdParty,
  ThirdPartyAnswer,
  ThirdPartyRequest,
} from './model/attached/clients.ts'
export {
  resource,
  type BreakerOptions,
  type HttpResourceOptions,
  type Resource,
  type ResourceOptions,
} from './model/attached/resource.ts'
export { config, type Settings, type ValuesOf } from './model/attached/settings.ts'
export {
  handle,
  type CommandInput,
  type Handler,
  type QueryHandler,
  type QueryHandlerOf,
  type Reading,
  type Rows,
} from './model/handler.ts'
export {
  job,
  type CatchUp,
  type Job,
  type JobInput,
  type JobOptions,
  type JobReading,
  type Page,
  type Run,
} from './model/jobs/job.ts'
export {
  poller,
  type Poll,
  type Polled,
  type Poller,
  type PollerOptions,
  type PollReading,
} from './model/jobs/poller.ts'
export { cron, daily, every, weekly, type Schedule, type Weekday } from './model/jobs/schedule.ts'
export type { Duration } from './model/jobs/duration.ts'
export type { Message } from './model/message.ts'
export { policy, type Policy } from './model/policy.ts'
export { publish, type Publication } from './model/publish.ts'
export { route, type Route } from './model/route.ts'
export { system, type Relation, type RelationKind, type System } from './model/system.ts'
export { translate, type Translator } from './model/translator.ts'
export { view, type View } from './model/view.ts'
