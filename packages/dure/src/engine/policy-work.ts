import { findCommand } from '../app/command-target.ts'
import { streamKey, type ContextRuntime } from '../app/context-runtime.ts'
import { derivedId } from '../app/digest.ts'
import { encodeEvents } from '../app/repository.ts'
import {
  Rejection,
  type AggregateDefinition,
  type CommandDefinition,
  type Emission,
  type State,
} from '../domain/aggregate-definition.ts'
import { decide } from '../domain/decide.ts'
import { readInput } from '../domain/handle.ts'
import { restore } from '../domain/restore.ts'
import { isDureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { IssuedCommand, PolicyDefinition } from '../model/policy.ts'
import type { Append, EventMeta, StoredEvent, StreamId } from '../ports/event-store.ts'
import { Poison, storedOrOvertaken, type MoveTo, type Work } from './consumer.ts'
import type { Channel, Incoming } from './incoming.ts'

/** An aggregate as this message has changed it so far. */
interface Touched {
  readonly stream: StreamId
  readonly aggregate: AggregateDefinition
  readonly loaded: number
  readonly state: State | undefined
  readonly ended: boolean
  readonly events: readonly Emission[]
}

/** Conflicts with commands from outside are decided again; more than this means something is wrong. */
const attempts = 20

/**
 * Carries out a policy: all that it issues for one message is decided and stored in one transaction, together with the
 * watermark that says the message is handled. A message repeated finds the watermark moved and does nothing.
 */
export function policyWork(context: ContextRuntime, policy: PolicyDefinition, channel: Channel): Work {
  return {
    async handle(page, moveTo) {
      for (const event of page) await one(context, policy, channel, event, moveTo)
    },
  }
}

async function one(
  context: ContextRuntime,
  policy: PolicyDefinition,
  channel: Channel,
  event: StoredEvent,
  moveTo: MoveTo,
): Promise<void> {
  let inbox: ReturnType<MoveTo> | undefined
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const appends = await effects(context, policy, channel, event)
    inbox ??= moveTo([event])
    const meta = metaOf(policy, channel, event)
    const outcome = await context.store.commit({ at: context.world.now(), meta, appends, inbox })
    if (storedOrOvertaken(outcome)) return
  }
  const { aggregate, id } = event.stream
  throw fault('DURE_VERSION_CONFLICT', { aggregate, id, expected: event.version })
}

async function effects(
  context: ContextRuntime,
  policy: PolicyDefinition,
  channel: Channel,
  event: StoredEvent,
): Promise<readonly Append[]> {
  const touched = new Map<string, Touched>()
  try {
    for (const [i, incoming] of channel.read(event).entries()) {
      const seed = [policy.name, channel.source.name, channel.source.store.epoch, event.position, i]
      const issued = policy.run(incoming.data, incoming.message)
      await carryOut(context, policy, incoming, issued, touched, seed, true)
    }
  } catch (error) {
    // What the store or another process did passes; what the model says about this message does not.
    if (isDureError(error) && (error.kind === 'unavailable' || error.kind === 'conflict')) throw error
    throw new Poison(event, error)
  }
  return [...touched.values()].filter((it) => it.events.length > 0).map(appendOf)
}

async function carryOut(
  context: ContextRuntime,
  policy: PolicyDefinition,
  incoming: Incoming,
  issued: readonly IssuedCommand[],
  touched: Map<string, Touched>,
  seed: readonly (string | number)[],
  mayAnswer: boolean,
): Promise<void> {
  for (const [i, it] of issued.entries()) {
    const no = await decideOne(context, policy, it, incoming, touched, [...seed, i])
    if (no === undefined) continue
    if (policy.onRejected === undefined || !mayAnswer) {
      const { rejected } = no
      throw fault('DURE_POLICY_REJECTED', { policy: policy.name, command: it.command.name, rejected })
    }
    const rejection = { command: it.as, rejected: no.rejected, data: no.data, id: no.id }
    const answer = policy.onRejected(rejection, incoming.data, incoming.message)
    await carryOut(context, policy, incoming, answer, touched, [...seed, i, 'rejected'], false)
  }
}

async function decideOne(
  context: ContextRuntime,
  policy: PolicyDefinition,
  issued: IssuedCommand,
  incoming: Incoming,
  touched: Map<string, Touched>,
  seed: readonly (string | number)[],
): Promise<(Pick<Rejection, 'rejected' | 'data'> & { id: string }) | undefined> {
  const { aggregate, command } = findCommand(context, `policy "${policy.name}"`, issued.command)
  const input = readInput(command, issued.input)
  const id = issued.id ?? command.id?.(input) ?? derivedId(...seed)
  const stream = { tenant: incoming.message.tenant, aggregate: aggregate.name, id }
  const before = touched.get(streamKey(stream)) ?? (await load(context, aggregate, command, stream))
  mustStand(command, before)
  // Ids that follow from the message: deciding it again after a crash makes the same ones.
  let ids = 0
  const newId = () => derivedId(...seed, 'id', ids++)
  const decided = decide(aggregate, command, before.state, input, { id, now: context.world.now(), newId })
  if (decided instanceof Rejection) return { rejected: decided.rejected, data: decided.data, id }
  const { state, ended } = decided
  const events = [...before.events, ...decided.events]
  touched.set(streamKey(stream), { ...before, state, ended, events })
  return undefined
}

async function load(
  context: ContextRuntime,
  aggregate: AggregateDefinition,
  command: CommandDefinition,
  stream: StreamId,
): Promise<Touched> {
  const read = await context.store.readStream(stream)
  const { id } = stream
  if (read.version === 0 && command.mode === 'changes') {
    throw fault('DURE_AGGREGATE_NOT_FOUND', { aggregate: aggregate.name, id })
  }
  const state = read.ended ? undefined : restore(aggregate, id, read.events)
  return { stream, aggregate, loaded: read.version, state, ended: read.ended, events: [] }
}

function mustStand(command: CommandDefinition, it: Touched): void {
  const { aggregate, id } = it.stream
  if (it.ended) throw fault('DURE_AGGREGATE_ENDED', { aggregate, id })
  const exists = it.state !== undefined
  if (exists && command.mode === 'creates') {
    // Misuse rather than a conflict: trying again cannot help, so the message is parked.
    throw fault('DURE_MODEL_INVALID', {
      where: `${aggregate}.${command.name}`,
      reason: `a policy creates ${aggregate} ${id}, which exists already.`,
      fix: 'Issue a command that changes it, or let the id follow from the message.',
    })
  }
}

function appendOf({ stream, aggregate, loaded, events, ended }: Touched): Append {
  return { stream, expected: loaded, events: encodeEvents(aggregate, events), ends: ended }
}

function metaOf(policy: PolicyDefinition, channel: Channel, event: StoredEvent): EventMeta {
  const { name, store } = channel.source
  const cause = `${name}/${store.epoch}/${event.position}`
  const { correlation, traceparent } = event.meta
  return {
    command: derivedId(policy.name, cause),
    actor: `policy:${policy.name}`,
    correlation,
    causation: cause,
    ...(traceparent !== undefined && { traceparent }),
  }
}
