import type { ContextRuntime } from '../../app/context-runtime.ts'
import { resumeAt } from '../../engine/bus/resume.ts'
import { topicName } from '../../engine/engine.ts'
import { isDureError } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { Topic, Transport, TransportWarning } from '../../ports/transport.ts'
import { isForTopic } from './expected.ts'
import { inTime } from './in-time.ts'
import { reachedBy } from './unmet.ts'

/** How long the broker may take for the first answer, and for all of them. */
const pingMs = 6000
const readMs = 15_000

/** An error as it is told. */
export interface Trouble {
  readonly code: string
  readonly message: string
}

/** What carries events between contexts, as the configuration asks for it. */
export interface BrokerStatus {
  readonly name: string
  readonly error: Trouble | null
}

/** How far the published events of a context have come. */
export interface TopicStatus {
  readonly topic: string
  /** `missing`: no relay has made it yet. */
  readonly state: 'ok' | 'behind' | 'missing' | 'failing'
  /** Position of the last event in it that the log still has, 0 for none. `null` where the broker did not say. */
  readonly published: number | null
  /** How many positions of the log come after the last that needs no publishing any more. */
  readonly lag: number | null
  readonly oldest: { readonly position: number; readonly at: Date } | null
  readonly warnings: readonly TransportWarning[]
  readonly error: Trouble | null
}

/** Whether a context has something to publish. */
export function publishes({ definition }: ContextRuntime): boolean {
  return definition.events.size > 0
}

/** Whether the broker answers; waits some seconds for it. */
export async function brokerOf(transport: Transport): Promise<BrokerStatus> {
  const { name } = transport
  const silent = (): Error =>
    fault('DURE_TRANSPORT_UNAVAILABLE', {
      transport: name,
      reason: `no answer within ${pingMs / 1000} seconds`,
    })
  try {
    await inTime(transport.ping(), pingMs, silent)
    return { name, error: null }
  } catch (error) {
    return { name, error: troubleOf(error) }
  }
}

/** Looks at the topic of a context, and makes none. `settled`: up to where the log is. */
export async function topicOf(
  transport: Transport,
  system: string,
  context: ContextRuntime,
  settled: number,
): Promise<TopicStatus> {
  const topic = topicName(system, context.name)
  const silent = (): Error => {
    const reason = `the topic ${topic} was not read within ${readMs / 1000} seconds`
    return fault('DURE_TRANSPORT_UNAVAILABLE', { transport: transport.name, reason })
  }
  const nothing = { topic, published: null, lag: null, oldest: null, warnings: [], error: null }
  let last: { readonly found: Topic | undefined; readonly published: number }
  try {
    last = await inTime(lastIn(transport, topic, context), readMs, silent)
  } catch (error) {
    return { ...nothing, state: 'failing', error: troubleOf(error) }
  }
  const { found, published } = last
  const [reached] = await reachedBy(context.store, [
    { from: published, isUnmet: (event) => isForTopic(context, event) },
  ])
  const lag = Math.max(0, settled - (reached?.through ?? published))
  const state = found === undefined ? 'missing' : lag > 0 ? 'behind' : 'ok'
  const oldest = (lag > 0 ? reached?.oldest : undefined) ?? null
  return { topic, state, published, lag, oldest, warnings: found?.warnings ?? [], error: null }
}

async function lastIn(
  transport: Transport,
  topic: string,
  context: ContextRuntime,
): Promise<{ readonly found: Topic | undefined; readonly published: number }> {
  const found = await transport.findTopic(topic)
  const published = found === undefined ? 0 : await resumeAt(found, context, () => undefined)
  return { found, published }
}

function troubleOf(error: unknown): Trouble {
  if (!isDureError(error)) throw error
  return { code: error.code, message: error.message }
}
