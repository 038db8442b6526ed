import type { Application } from '../app/calls.ts'
import type { DureError } from '../kernel/error.ts'
import { remoteFault } from '../kernel/errors/remote/remote-fault.ts'
import { waitFor, type Limits } from '../kernel/limits.ts'
import type { World } from '../kernel/world.ts'
import { readAnswerOf, readReply, type Target } from './read-response.ts'
import { commandRequest, queryRequest, type Asking } from './request.ts'
import { retriesOf, type RetryOptions } from './retries.ts'
import { NoAnswer, type Incoming, type Outgoing, type Send } from './send.ts'

/** Says in headers who asks. */
export type Identity = (
  asking: Asking,
  to: { readonly context: string },
) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>

/** What a caller needs. */
export interface CallerOptions {
  readonly world: World
  /** How long a call may take that says nothing itself, in milliseconds. */
  readonly timeoutMs: number
  readonly retry?: RetryOptions | undefined
  readonly identity: Identity
}

/**
 * Asks another process, of one context or all. Each hop has what is left of its caller's time, as a duration, so that clocks need
 * not agree. Tried again is what failed on this very way: queries when there was no answer or a 503 with Retry-After, commands
 * when no byte of an answer had come, under their idempotency key. What the callee could not reach it has tried itself.
 */
export function callerOver(send: Send, { world, timeoutMs, retry, identity }: CallerOptions): Application {
  const retries = retriesOf(world, retry)
  const now = (): number => world.now().getTime()

  /** The answer, whatever it says. With a key it is a command, and the key stands in its errors. */
  const exchange = async (
    request: Outgoing,
    target: Target,
    limits: Limits,
    key?: string,
  ): Promise<Incoming> => {
    const { remote, what } = target
    const { deadline, signal } = limits
    const isCommand = key !== undefined
    const more: Readonly<Record<string, string>> = isCommand ? { key } : {}
    const until = deadline?.getTime() ?? now() + timeoutMs
    const whole = { what: `${remote}.${what}` }
    const cancelled = (): DureError => remoteFault('DURE_CALL_CANCELLED', whole, more)
    const within = <T>(work: Promise<T>, ms: number, late: () => object): Promise<T> =>
      waitFor(work, world, { ms, late, signal, cancelled, alive: true })

    const once = async (made: number): Promise<Incoming | NoAnswer> => {
      const ms = Math.min(Math.ceil(until - now()), LONGEST)
      const timeout = (): DureError => remoteFault('DURE_REMOTE_TIMEOUT', { remote, what, ms }, more)
      if (signal?.aborted === true) throw cancelled()
      if (ms <= 0) throw made > 1 ? timeout() : remoteFault('DURE_DEADLINE', whole)
      const headers = { ...request.headers, 'request-timeout': String(ms) }
      const sent = send({ ...request, headers })
      try {
        return await within(sent.answer, ms, timeout)
      } catch (error) {
        if (error instanceof NoAnswer) return error
        sent.abort()
        throw error
      }
    }

    for (let made = 1; ; made++) {
      const outcome = await once(made)
      const failed = outcome instanceof NoAnswer
      if (!failed && (isCommand || !isBusy(outcome))) {
        retries.earn()
        return outcome
      }
      const again = !failed || (!outcome.unreadable && !(isCommand && outcome.begun))
      const pause = again ? retries.pauseAfter(made, failed ? 0 : afterMs(outcome)) : undefined
      if (pause !== undefined && until - now() > pause) {
        const rested = new Promise<void>((resolve) => void world.after(pause, resolve, true))
        await within(rested, pause * 2, cancelled)
      } else if (!failed) return outcome
      else {
        const { reason, cause } = outcome
        throw outcome.unreadable
          ? remoteFault('DURE_REMOTE_ANSWER', { remote, what, reason }, more, cause)
          : remoteFault('DURE_REMOTE_UNAVAILABLE', { remote, what, reason, attempts: made }, more, cause)
      }
    }
  }
  return {
    async command(call) {
      const { envelope, context } = call
      // The id of a command is its own; so a command without a key can be asked again as well.
      const key = envelope.key ?? envelope.id
      const target = { remote: context, what: call.command }
      const request = commandRequest(call, key, await identity(envelope, { context }))
      return readReply(await exchange(request, target, envelope, key), target)
    },
    async query(call) {
      const { context } = call
      const target = { remote: context, what: call.query }
      const request = queryRequest(call, await identity(call, { context }))
      return readAnswerOf(await exchange(request, target, call), target)
    },
  }
}

/** What the header `request-timeout` can say. */
const LONGEST = 999_999_999

// 503 with Retry-After is a promise that nothing was done; what a callee did not get from a third, it has asked for often
// enough: were each hop to repeat it, three hops would make a hundred calls of one.
function isBusy({ status, retryAfter, text }: Incoming): boolean {
  return status === 503 && retryAfter !== undefined && !text.includes('"DURE_REMOTE_')
}

function afterMs({ retryAfter }: Incoming): number {
  return (Number(retryAfter) || 1) * 1000
}
