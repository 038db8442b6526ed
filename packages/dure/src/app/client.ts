import type { InputOf, OutputOf } from '../domain/fields/field.ts'
import { callerOf } from '../kernel/caller.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Limits } from '../kernel/limits.ts'
import type { World } from '../kernel/world.ts'
import type { ContractCommand, ContractQuery } from '../model/contract.ts'
import type { AnswerOf } from '../model/handler.ts'
import { readAnswer, readRejection } from '../model/shapes-of-call.ts'
import type { Application, CommandAccepted, CommandRejected, CommandReply } from './calls.ts'
import { jsonText, plainJson } from '../kernel/plain-json.ts'

/** On whose behalf a client speaks. */
export interface Speaker {
  readonly actor: string
  readonly tenant?: string
  /** What `allow` is held against; none when absent. */
  readonly roles?: readonly string[]
  /** The context that speaks, where one does. */
  readonly service?: string
  /** Speaks for the system itself, a script that fills or mends it: `allow` is not asked. */
  readonly trusted?: boolean
}

/** What may go with a query. */
export interface AskOptions extends Limits {
  /** The token of an earlier reply: the answer is not older. */
  readonly notBefore?: string
}

/** What may go with a command. */
export interface Telling extends Limits {
  /** Idempotency key: the same key within 7 days gets the stored reply. */
  readonly key?: string
  readonly expectedVersion?: number
  /** The token of an earlier reply: what handlers look up is not older. */
  readonly notBefore?: string
}

/** The domain's no to a command, by the rejections that its contract declares. */
export type RejectionOf<R> = string extends keyof R
  ? CommandRejected
  : {
      readonly [K in keyof R & string]: {
        readonly ok: false
        readonly rejected: K
        readonly data: OutputOf<R[K]>
      }
    }[keyof R & string]

/** Speaks to the contexts of this process by their contracts, as another context or a script would. */
export interface Client {
  /** Carries out a command. A rejection is an answer, its data values. @throws DureError, see the catalogue */
  tell<X extends string, N extends string, F, R>(
    command: ContractCommand<X, N, F, R>,
    input: InputOf<F>,
    options?: Telling,
  ): Promise<CommandAccepted | RejectionOf<R>>
  /** As `tell`, where a rejection is not expected. @throws DURE_REJECTED as well */
  insist<X extends string, N extends string, F>(
    command: ContractCommand<X, N, F>,
    input: InputOf<F>,
    options?: Telling,
  ): Promise<CommandAccepted>
  /** Asks a query; `notBefore` is a token that the answer must not be older than. */
  ask<X extends string, N extends string, I, O>(
    query: ContractQuery<X, N, I, O>,
    input: InputOf<I>,
    options?: AskOptions,
  ): Promise<AnswerOf<O>>
}

/** A client of the application in this process. What crosses is encoded, as it would be between processes. */
export function clientOf(application: Application, world: World, speaker: Speaker): Client {
  const who = callerOf({ tenant: '', ...speaker })
  const tell = async (it: Target, input: unknown, options: Telling = {}): Promise<CommandReply> => {
    const { key, deadline, signal, ...more } = options
    const id = world.newId()
    const envelope = {
      id,
      ...who,
      correlation: id,
      ...(key && { key }),
      ...(deadline && { deadline }),
      ...(signal && { signal }),
    }
    const call = { context: it.context, command: it.name, input: plainJson(input), envelope }
    return readRejection(it, await application.command({ ...call, ...more }))
  }
  const insist = async (it: Target, input: unknown, options?: Telling): Promise<CommandAccepted> => {
    const reply = await tell(it, input, options)
    if (reply.ok) return reply
    const data = jsonText(reply.data)
    throw fault('DURE_REJECTED', { command: `${it.context}.${it.name}`, rejected: reply.rejected, data })
  }
  const ask = async (it: Target, input: unknown, options = {}): Promise<unknown> => {
    const question = { context: it.context, query: it.name, input: plainJson(input), ...who }
    return readAnswer(it, await application.query({ ...question, ...options }))
  }
  return { tell, insist, ask } as unknown as Client
}

interface Target {
  readonly context: string
  readonly name: string
}
