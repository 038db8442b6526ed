export type { Application, CommandAccepted, CommandCall, CommandRejected, CommandReply, Envelope, QueryCall } from '../app/calls.ts'
