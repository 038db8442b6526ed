import { fault } from '../kernel/errors/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { sliceOf } from '../kernel/slice.ts'
import type { StoredReply, StreamId } from '../ports/event-store.ts'
import type { CommandAccepted, CommandCall, CommandRejected, CommandReply } from './calls.ts'
import type { ContextRuntime } from './context-runtime.ts'
import { digest } from './digest.ts'
import { writeToken } from './token.ts'

/** The idempotency key of a call, with the digest of what was asked under it. */
export interface Keyed {
  readonly tenant: string
  readonly key: string
  readonly request: string
}

/** The answer to an accepted command, but for the token, whose position is drawn only when it is stored. */
export type Accepted = Omit<CommandAccepted, 'token'>

/** The key of a call, where it has one. */
export function keyedOf(call: CommandCall): Keyed | undefined {
  const { key, tenant } = call.envelope
  if (key === undefined) return undefined
  return { tenant, key, request: digest(call.context, call.command, call.input as Json) }
}

/** As `keyedOf`, where the same request may be answered one way to one caller and another way to another. */
export function ownKeyOf(call: CommandCall): Keyed | undefined {
  const keyed = keyedOf(call)
  return keyed && { ...keyed, request: digest(keyed.request, call.envelope.actor) }
}

/** The answer as it is stored in the transaction of the command. */
export function replyToStore(
  keyed: Keyed,
  stream: StreamId,
  answer: Accepted | CommandRejected,
): StoredReply {
  return { ...keyed, reply: { ...answer, aggregate: stream.aggregate } }
}

/**
 * The stored answer to a call under this key, as it was given.
 * @throws DURE_KEY_REUSED for another request under the same key
 */
export async function findReply(context: ContextRuntime, keyed: Keyed): Promise<CommandReply | undefined> {
  const { tenant, key, request } = keyed
  const stored = await context.store.findReply(tenant, key)
  if (stored === undefined) return undefined
  if (stored.request !== request) throw fault('DURE_KEY_REUSED', { key })
  const { aggregate, ...reply } = stored.reply as JsonObject & { readonly aggregate: string }
  if (reply['ok'] !== true) return reply as unknown as CommandRejected
  const accepted = reply as unknown as Accepted
  const stream = { tenant, aggregate, id: accepted.id }
  const tail = await context.store.readStream(stream, accepted.version - 1)
  return withToken(context, accepted, stream, tail.events[0]?.position)
}

/** Completes an answer with the token of the position it was stored at; without one, it says that nothing was stored. */
export function withToken(
  context: ContextRuntime,
  accepted: Accepted,
  stream: StreamId,
  position: number | undefined,
): CommandAccepted {
  if (position === undefined) return { ...accepted, token: '' }
  const { name, store } = context
  const place = { context: name, epoch: store.epoch, slice: sliceOf(stream.id), position }
  return { ...accepted, token: writeToken([place]) }
}
