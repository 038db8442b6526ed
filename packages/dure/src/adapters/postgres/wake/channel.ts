import { createHash } from 'node:crypto'

/** The channel on which processes tell each other of a schema. Names of schemas can be longer than a channel's may be. */
export function channelOf(schema: string): string {
  return `dure_${createHash('sha256').update(schema).digest('hex').slice(0, 24)}`
}

/** The message on a channel that a new epoch has begun; one without text says that something was appended. */
export const EPOCH_BEGUN = 'epoch'
