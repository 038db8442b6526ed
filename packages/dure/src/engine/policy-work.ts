import type { ContextRuntime } from '../app/context-runtime.ts'
import { derivedId } from '../app/digest.ts'
import { isDureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { PolicyDefinition } from '../model/policy.ts'
import type { EventMeta, StoredEvent } from '../ports/event-store.ts'
import { Poison, storedOrOvertaken, type Mark, type Pause, type Work } from './consumer.ts'
import { inOrder, type Channel } from './incoming.ts'
import { PolicyEffects, type Taken } from './policy-effects.ts'

/** Conflicts with commands from outside are decided again; more than this means something is wrong. */
const attempts = 20

/**
 * Two contexts are not read in one order, so what a message speaks of may be about to exist: so long it is waited for, in
 * milliseconds, before the message is parked.
 */
const patience = [50, 100, 200, 400, 800]

/**
 * Carries out a policy: all that it issues for one message is decided and stored in one transaction, together with the
 * watermark that says the message is handled. A message repeated finds the watermark moved and does nothing.
 */
export function policyWork(
  context: ContextRuntime,
  policy: PolicyDefinition,
  channels: readonly Channel[],
): Work {
  return {
    async handle(page, mark, pause) {
      for (const event of page) await one({ context, policy, channels, event, taken: [] }, mark, pause)
    },
  }
}

/** One message for one policy. */
interface Case {
  readonly context: ContextRuntime
  readonly policy: PolicyDefinition
  readonly channels: readonly Channel[]
  readonly event: StoredEvent
  readonly taken: readonly Taken[]
}

async function one(it: Case, mark: Mark, pause: Pause): Promise<void> {
  const { context, event } = it
  let marked: ReturnType<Mark> | undefined
  const taken: Taken[] = []
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const effects = await decidePatiently({ ...it, taken }, attempt > 1, pause)
    marked ??= mark([event])
    const unit = { at: context.world.now(), meta: metaOf(it), appends: effects.appends(), ...marked }
    const outcome = await context.store.commit(unit)
    if (storedOrOvertaken(outcome)) return effects.remember()
    if (!outcome.ok && outcome.reason === 'unique') taken.push(outcome)
  }
  const { aggregate, id } = event.stream
  throw fault('DURE_COMMAND_CONTENDED', { aggregate, id, attempts })
}

async function decidePatiently(it: Case, read: boolean, pause: Pause): Promise<PolicyEffects> {
  for (const ms of patience) {
    try {
      return await decide(it, read)
    } catch (error) {
      if (!(error instanceof Poison) || !isDureError(error.why, 'DURE_AGGREGATE_NOT_FOUND')) throw error
    }
    await pause(ms)
  }
  return decide(it, true)
}

async function decide(it: Case, read: boolean): Promise<PolicyEffects> {
  const { context, policy, channels, event, taken } = it
  const effects = new PolicyEffects(context, policy, read, taken)
  const seed = [policy.name, causeOf(it)]
  try {
    const incoming = inOrder(channels.flatMap((channel) => channel.read(event)))
    for (const [i, message] of incoming.entries()) await effects.decide(message, [...seed, i])
  } catch (error) {
    if (effects.remembered) return decide(it, true)
    // What the store or another process did passes; what the model says about this message does not.
    const passes = isDureError(error) && (error.kind === 'unavailable' || error.kind === 'conflict')
    if (passes && !isDureError(error, 'DURE_AGGREGATE_EXISTS')) throw error
    throw new Poison(event, error)
  }
  return effects.doubtful ? decide(it, true) : effects
}

function causeOf({ channels, event }: Case): string {
  const { name, store } = (channels[0] as Channel).source
  return `${name}/${store.epoch}/${event.position}`
}

function metaOf(it: Case): EventMeta {
  const cause = causeOf(it)
  const { correlation, traceparent } = it.event.meta
  return {
    command: derivedId(it.policy.name, cause),
    actor: `policy:${it.policy.name}`,
    correlation,
    causation: cause,
    ...(traceparent !== undefined && { traceparent }),
  }
}
