import type { ContextRuntime } from '../app/context-runtime.ts'
import { derivedId } from '../app/digest.ts'
import { isDureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { PolicyDefinition } from '../model/policy.ts'
import type { EventMeta, StreamId } from '../ports/event-store.ts'
import type { Arrival } from './arrival.ts'
import { epochAt } from './consuming/lineage.ts'
import { Poison, storedOrOvertaken, type Mark, type Pause, type Work } from './consuming/work.ts'
import { Effects, type Issuer, type Taken } from './effects.ts'
import { inOrder, type Channel } from './incoming.ts'
import type { Source } from './source.ts'

/** Conflicts with commands from outside are decided again; more than this means something is wrong. */
const attempts = 20

/**
 * Two contexts are not read in one order, so what a message speaks of may be about to exist: so long it is waited for, in
 * milliseconds, before the message is parked.
 */
const patience = [50, 100, 200, 400, 800]

/** Messages whose effects are stored as one: they share the cost of a transaction. */
const together = 64

/**
 * Carries out a policy: all that it issues for some messages is decided and stored in one transaction, together with the
 * watermarks that say they are handled. A message repeated finds its watermark moved and does nothing.
 */
export function policyWork(
  context: ContextRuntime,
  policy: PolicyDefinition,
  channels: readonly Channel[],
  source: Source,
): Work {
  return {
    async handle(page, mark, pause) {
      for (let left = page; left.length > 0;) {
        const events = left.slice(0, together)
        left = left.slice(await some({ context, policy, channels, source, events, taken: [] }, mark, pause))
      }
    },
  }
}

/** Some messages for one policy, in their order; at least one. */
interface Case {
  readonly context: ContextRuntime
  readonly policy: PolicyDefinition
  readonly channels: readonly Channel[]
  readonly source: Source
  readonly events: readonly Arrival[]
  readonly taken: readonly Taken[]
}

/** Handles the messages, or those before one that has to be waited for; answers how many. */
async function some(it: Case, mark: Mark, pause: Pause): Promise<number> {
  const { context } = it
  let { effects, events } = await decidePatiently(it, pause)
  const marked = mark(events)
  const last = events.at(-1) as Arrival
  const taken: Taken[] = []
  for (let attempt = 1; attempt <= attempts; attempt++) {
    if (attempt > 1) effects = await decide({ ...it, events, taken }, attempt > 3)
    const meta = metaOf(it, last)
    const outcome = await context.store.commit({
      at: context.world.now(),
      meta,
      appends: effects.appends(),
      ...marked,
    })
    if (storedOrOvertaken(outcome)) {
      effects.remember()
      return events.length
    }
    if (!outcome.ok && outcome.reason === 'unique') taken.push(outcome)
    else if (!outcome.ok && 'stream' in outcome) await readAgain(context, outcome.stream)
  }
  const { aggregate, id } = last.stream
  throw fault('DURE_COMMAND_CONTENDED', { aggregate, id, attempts })
}

/** Somebody else has changed it, so what is remembered of it is old; of the others it need not be. */
async function readAgain({ keepers, baselines }: ContextRuntime, stream: StreamId): Promise<void> {
  const keeper = keepers.get(stream.aggregate)
  if (keeper !== undefined) await baselines.read(keeper, stream)
}

interface DecidedSome {
  readonly effects: Effects
  readonly events: readonly Arrival[]
}

async function decidePatiently(it: Case, pause: Pause): Promise<DecidedSome> {
  const { events } = it
  for (const ms of patience) {
    try {
      return { effects: await decide(it, false), events }
    } catch (error) {
      if (!(error instanceof Poison) || !isDureError(error.why, 'DURE_AGGREGATE_NOT_FOUND')) throw error
      const before = events.slice(0, events.indexOf(error.event))
      if (before.length > 0) return decidePatiently({ ...it, events: before }, pause)
    }
    await pause(ms)
  }
  return { effects: await decide(it, true), events }
}

async function decide(it: Case, read: boolean): Promise<Effects> {
  const { context, policy, events, taken } = it
  const effects = new Effects(context, issuerOf(policy), read, taken)
  for (const event of events) {
    try {
      await decideOne(it, effects, event)
    } catch (error) {
      if (effects.remembered) return decide(it, true)
      // What the store or another process did passes; what the model says about this message does not.
      const passes = isDureError(error) && (error.kind === 'unavailable' || error.kind === 'conflict')
      if (passes && !isDureError(error, 'DURE_AGGREGATE_EXISTS')) throw error
      throw new Poison(event, error)
    }
  }
  return effects.doubtful ? decide(it, true) : effects
}

const issuerOf = ({ name }: PolicyDefinition): Issuer => ({
  where: `policy "${name}"`,
  unanswered: (command, rejected) => fault('DURE_POLICY_REJECTED', { policy: name, command, rejected }),
})

async function decideOne(it: Case, effects: Effects, event: Arrival): Promise<void> {
  const seed = [it.policy.name, causeOf(it, event)]
  const incoming = inOrder(it.channels.flatMap((channel) => channel.read(event)))
  const meta = metaOf(it, event)
  const { run, onRejected } = it.policy
  for (const [i, { data, message }] of incoming.entries()) {
    const occasion = {
      tenant: message.tenant,
      issue: () => run(data, message),
      answer: onRejected && ((no: object) => onRejected(no, data, message)),
    }
    await effects.decide(occasion, [...seed, i], meta)
  }
}

function causeOf({ source }: Case, { position }: Arrival): string {
  return `${source.name}/${epochAt(source, position)}/${position}`
}

function metaOf(it: Case, event: Arrival): EventMeta {
  const cause = causeOf(it, event)
  const { correlation, traceparent } = event.meta
  return {
    command: derivedId(it.policy.name, cause),
    actor: `policy:${it.policy.name}`,
    correlation,
    causation: cause,
    ...(traceparent !== undefined && { traceparent }),
  }
}
