import type { Caller } from '../kernel/caller.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { Limits } from '../kernel/limits.ts'

/** What travels with every command: who asks, for whom, and as part of what. */
export interface Envelope extends Limits, Caller {
  /** Id of this command; unique. */
  readonly id: string
  /** Idempotency key: the same key within 7 days gets the stored reply. */
  readonly key?: string
  readonly correlation: string
  readonly causation?: string
  readonly traceparent?: string
}

/** A command for a context, as it comes from an edge: input unchecked. */
export interface CommandCall {
  readonly context: string
  /** A name in the contract of the context. */
  readonly command: string
  readonly input: unknown
  readonly envelope: Envelope
  /** The version the caller believes the aggregate to have; another one is refused as stale. */
  readonly expectedVersion?: number
  /** Tokens of earlier commands: what a handler looks up is not older. */
  readonly notBefore?: string
}

/** The command was carried out and is stored. */
export interface CommandAccepted {
  readonly ok: true
  readonly id: string
  readonly version: number
  /** Hand it to a query to be answered not older than this command. Opaque. */
  readonly token: string
  /** What the context published about it, encoded. */
  readonly events: readonly { readonly type: string; readonly data: JsonObject }[]
  /** Whether the command created the aggregate. */
  readonly created: boolean
}

/** The domain said no; nothing is stored but, under a key, this answer. */
export interface CommandRejected {
  readonly ok: false
  readonly rejected: string
  readonly data: JsonObject
}

export type CommandReply = CommandAccepted | CommandRejected

/** A query for a context, as it comes from an edge: input unchecked. */
export interface QueryCall extends Limits, Caller {
  readonly context: string
  readonly query: string
  readonly input: unknown
  readonly correlation?: string
  readonly traceparent?: string
  /** Tokens of commands that the answer must not be older than. */
  readonly notBefore?: string
}

/** The edge of the application layer: everything that comes from outside passes here. */
export interface Application {
  /** @throws DureError, see the catalogue; a rejection is an answer, not an error. */
  command(call: CommandCall): Promise<CommandReply>
  /** The encoded answer. @throws DureError; DURE_QUERY_NOTHING where there is no such thing. */
  query(call: QueryCall): Promise<Json>
}
