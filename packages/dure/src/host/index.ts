export type { Crossing } from '../app/application.ts'
export type {
  Application,
  CommandAccepted,
  CommandCall,
  CommandRejected,
  CommandReply,
  Envelope,
  QueryCall,
} from '../app/calls.ts'
export type { LogLineage, PublishedLog, PublishedPage } from '../app/published-log.ts'
export type { AskOptions, Client, RejectionOf, Speaker, Telling } from '../app/client.ts'
export type { JoinedWork, UnitOfWork } from '../app/aggregates/unit-of-work.ts'
export type { ConsumerStatus } from '../engine/reading/read-side.ts'
export { readConfig, variables, type Config } from './config.ts'
export type { JobStatus, PollerStatus, RunStatus, TaskState, TaskStatus } from '../engine/jobs/status.ts'
export type { Failure } from '../engine/jobs/rows.ts'
export { createHost, type Host, type HostOptions } from './create-host.ts'
export { httpLog, type IdentityHeaders } from './http-log.ts'
export { jsonLog, type Log } from './log.ts'
export { roles, type Role } from './placement.ts'
export type { Remote } from './remote.ts'
export { systemWorld } from './system-world.ts'
