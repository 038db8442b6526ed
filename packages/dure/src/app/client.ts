import type { InputOf } from '../domain/fields/field.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import type { ContractCommand, ContractQuery } from '../model/contract.ts'
import type { AnswerOf } from '../model/handler.ts'
import type { Application, CommandAccepted, CommandReply } from './calls.ts'
import { plainJson } from '../kernel/plain-json.ts'
import { answerCodec } from './reading.ts'

/** On whose behalf a client speaks. */
export interface Speaker {
  readonly actor: string
  readonly tenant?: string
}

/** What may go with a command. */
export interface Telling {
  /** Idempotency key: the same key within 7 days gets the stored reply. */
  readonly key?: string
  readonly expectedVersion?: number
  /** The token of an earlier reply: what handlers look up is not older. */
  readonly notBefore?: string
  readonly deadline?: Date
}

/** Speaks to the contexts of this process by their contracts, as another context or a script would. */
export interface Client {
  /** Carries out a command. A rejection is an answer. @throws DureError, see the catalogue */
  tell<X extends string, N extends string, F>(
    command: ContractCommand<X, N, F>,
    input: InputOf<F>,
    options?: Telling,
  ): Promise<CommandReply>
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
    options?: { readonly notBefore?: string },
  ): Promise<AnswerOf<O>>
}

/** A client of the application in this process. What crosses is encoded, as it would be between processes. */
export function clientOf(application: Application, world: World, speaker: Speaker): Client {
  const { actor, tenant = '' } = speaker
  const tell = async (it: Target, input: unknown, options: Telling = {}): Promise<CommandReply> => {
    const { key, deadline, ...more } = options
    const id = world.newId()
    const envelope = {
      id,
      actor,
      tenant,
      correlation: id,
      ...(key && { key }),
      ...(deadline && { deadline }),
    }
    const call = { context: it.context, command: it.name, input: plainJson(input), envelope }
    return application.command({ ...call, ...more })
  }
  const insist = async (it: Target, input: unknown, options?: Telling): Promise<CommandAccepted> => {
    const reply = await tell(it, input, options)
    if (reply.ok) return reply
    const data = JSON.stringify(reply.data)
    throw fault('DURE_REJECTED', { command: `${it.context}.${it.name}`, rejected: reply.rejected, data })
  }
  const ask = async (it: Question, input: unknown, options = {}): Promise<unknown> => {
    const question = { context: it.context, query: it.name, input: plainJson(input), actor, tenant }
    return answerCodec(it).decode(await application.query({ ...question, ...options }))
  }
  return { tell, insist, ask } as unknown as Client
}

interface Target {
  readonly context: string
  readonly name: string
}

interface Question extends Target {
  readonly out: unknown
}
