import { fault } from '../../kernel/errors/fault.ts'
import { apiFault, MESSAGE_NOT_FOUND, STREAM_NAME_IN_USE, STREAM_NOT_FOUND } from './api-error.ts'
import type { ApiAnswer, Link } from './link.ts'
import { nanos } from './place.ts'
import { type StreamConfig, unsuitable } from './stream-settings.ts'

interface InfoAnswer extends ApiAnswer {
  readonly config: StreamConfig
  readonly created: string
  readonly state: { readonly last_seq: number; readonly last_ts: string }
}

interface MessageAnswer extends ApiAnswer {
  readonly message?: { readonly data?: string; readonly time: string }
}

/** A stream as it stands. Times in ns since 1970. */
export interface StreamState {
  readonly config: StreamConfig
  /** Tells one life of the stream from another: it stays through restarts, and changes when the stream is made again. */
  readonly created: bigint
  readonly lastSeq: number
  readonly lastTime: bigint
}

/** The JetStream stream of one topic. */
export class Stream {
  readonly name: string
  readonly asked: StreamConfig
  readonly #link: Link

  constructor(link: Link, asked: StreamConfig) {
    this.#link = link
    this.asked = asked
    this.name = asked.name
  }

  /**
   * Makes the stream if it is not there, and holds what is there against what is asked for.
   * @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_UNSUITABLE, DURE_TRANSPORT_CLOSED
   */
  async ensure(): Promise<StreamState> {
    let found = await this.#link.ask<InfoAnswer>(`STREAM.INFO.${this.name}`)
    if (found.error?.err_code === STREAM_NOT_FOUND) {
      found = await this.#link.ask<InfoAnswer>(`STREAM.CREATE.${this.name}`, this.asked)
      // Somebody else was first, and asked for something else.
      if (found.error?.err_code === STREAM_NAME_IN_USE) {
        found = await this.#link.ask<InfoAnswer>(`STREAM.INFO.${this.name}`)
      }
    }
    return this.#suitable(found)
  }

  /** The stream as it stands, held against what is asked for; undefined where it is not there. @throws as `ensure` */
  async find(): Promise<StreamState | undefined> {
    const found = await this.#link.ask<InfoAnswer>(`STREAM.INFO.${this.name}`)
    return found.error?.err_code === STREAM_NOT_FOUND ? undefined : this.#suitable(found)
  }

  #suitable(found: InfoAnswer): StreamState {
    const { transport } = this.#link
    if (found.error !== undefined) throw apiFault(transport, this.name, found.error)
    const problem = unsuitable(found.config, this.asked)
    if (problem !== undefined) {
      throw fault('DURE_TRANSPORT_UNSUITABLE', { transport, reason: `the stream ${this.name}: ${problem}` })
    }
    const { config, created, state } = found
    return {
      config,
      created: nanos(created),
      lastSeq: state.last_seq,
      lastTime: state.last_seq === 0 ? 0n : nanos(state.last_ts),
    }
  }

  /** The body of the last message of a subject. */
  async lastOf(subject: string): Promise<string | undefined> {
    const found = await this.#message({ last_by_subj: subject })
    return found && Buffer.from(found.data ?? '', 'base64').toString()
  }

  /** When the message of a sequence number was stored, if it is still kept. */
  async timeOf(seq: number): Promise<bigint | undefined> {
    const found = await this.#message({ seq })
    return found && nanos(found.time)
  }

  async #message(question: object): Promise<MessageAnswer['message']> {
    const found = await this.#link.ask<MessageAnswer>(`STREAM.MSG.GET.${this.name}`, question)
    if (found.error === undefined) return found.message
    const { err_code: number } = found.error
    if (number === MESSAGE_NOT_FOUND || number === STREAM_NOT_FOUND) return undefined
    throw apiFault(this.#link.transport, this.name, found.error)
  }
}
