export type {
  Application,
  CommandAccepted,
  CommandCall,
  CommandRejected,
  CommandReply,
  Envelope,
  QueryCall,
} from '../app/calls.ts'
export type { Client, Speaker, Telling } from '../app/client.ts'
export type { JoinedWork, UnitOfWork } from '../app/aggregates/unit-of-work.ts'
export type { ConsumerStatus } from '../engine/engine.ts'
export { readConfig, variables, type Config } from './config.ts'
export { createHost, type Host, type HostOptions } from './create-host.ts'
export { jsonLog, type Log } from './log.ts'
export { systemWorld } from './system-world.ts'
