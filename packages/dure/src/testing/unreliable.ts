import type { Application } from '../app/calls.ts'
import { remoteFault } from '../kernel/errors/remote/remote-fault.ts'
import { plainJson } from '../kernel/plain-json.ts'
import { refuseLate, untilDeadline, type Limits } from '../kernel/limits.ts'
import type { World } from '../kernel/world.ts'

/** What goes wrong on the way, as often as the world's chance has it. */
export interface UnreliableOptions {
  readonly world: World
  /** How long each way takes, in milliseconds: from 0 to this. 0 when absent. */
  readonly delayMs?: number
  /** How often a request or its answer is lost: from 0, never, to 1, always. 0 when absent. */
  readonly loss?: number
  /** How often a request arrives twice: from 0 to 1. 0 when absent. */
  readonly duplicates?: number
  /** Tries in all, as a remote context has them: 5. */
  readonly attempts?: number
}

interface Way {
  readonly what: string
  readonly remote: string
  readonly limits: Limits
}

/**
 * Puts a bad network before an application: what works behind it works when the contexts run in processes of their own. As
 * between processes, what crosses is a copy, calls are tried again, and each command has an idempotency key, so that one that
 * arrives twice is carried out once. For the option `crossing` of a host, or around its `application`.
 * @throws DURE_REMOTE_UNAVAILABLE for a call that was lost each time
 */
export function unreliable(application: Application, options: UnreliableOptions): Application {
  const { world, attempts = 5 } = options
  const often = async <T>(way: Way, call: () => Promise<T>): Promise<T> => {
    for (let made = 1; made <= attempts; made++) {
      refuseLate(way.limits, world, way.what)
      const answer = await untilDeadline(overNetwork(call, options), way.limits, world, way.what)
      if (answer !== lost) return answer.copy
    }
    const { remote, what } = way
    throw remoteFault('DURE_REMOTE_UNAVAILABLE', { remote, what, reason: 'lost on the way', attempts })
  }
  return {
    command({ envelope, input, ...call }) {
      const keyed = {
        ...call,
        input: plainJson(input),
        envelope: { ...envelope, key: envelope.key ?? envelope.id },
      }
      const way = { what: call.command, remote: call.context, limits: envelope }
      return often(way, () => application.command(keyed))
    },
    query({ input, ...call }) {
      const way = { what: call.query, remote: call.context, limits: call }
      return often(way, () => application.query({ ...call, input: plainJson(input) }))
    },
  }
}

const lost = Symbol('lost')

async function overNetwork<T>(
  call: () => Promise<T>,
  { world, delayMs = 0, loss = 0, duplicates = 0 }: UnreliableOptions,
): Promise<{ readonly copy: T } | typeof lost> {
  const travel = (): Promise<void> =>
    delayMs === 0
      ? Promise.resolve()
      : new Promise((resolve) => void world.after(world.random() * delayMs, resolve, true))
  const [fate, twice] = [world.random(), world.random() < duplicates]
  await travel()
  if (fate < loss / 2) return lost
  // The second arrives while the first is worked on, or long after; nobody waits for its answer.
  if (twice)
    void travel()
      .then(call)
      .catch(() => undefined)
  const answer = await call()
  await travel()
  return fate < loss ? lost : { copy: plainJson(answer) as T }
}
