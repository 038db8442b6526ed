export type * from './archive.ts'
export type * from './event-store.ts'
export type * from './inbox.ts'
export type * from './leases.ts'
export type * from './migration.ts'
export type * from './parking.ts'
export type * from './state-store.ts'
export type * from './store.ts'
export type * from './transact.ts'
export type * from './transport.ts'
export type * from './view-store.ts'
export { PARTITIONS } from './transport.ts'
export type { Json, JsonObject } from '../kernel/json.ts'
export type { World } from '../kernel/world.ts'
export type { ErrorDetails, FaultKind, Issue } from '../kernel/error.ts'
export { DureError, isDureError } from '../kernel/error.ts'
export {
  checkAdoption,
  checkCommit,
  checkContextName,
  checkName,
  checkParkedFilter,
  checkTry,
  checkRowQuery,
  checkStream,
  checkText,
  jsonText,
  storableProse,
  streamKey,
} from './storable.ts'
export { checkLease } from './storable/lease.ts'
export { checkClaims, checkSnapshot, checkStateChange } from './storable/state.ts'
export { checkMessages, checkTopic } from './publishable.ts'
export { SLICES, sliceOf } from '../kernel/slice.ts'
