import { createInbox, type Msg, type NatsConnection, type Status } from '@nats-io/transport-node'
import { type DureError, isDureError } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { ApiError } from './api-error.ts'
import type { Timers } from './timers.ts'

const ANSWER_MS = 5000

/** What an answer of the JetStream API has in any case. */
export interface ApiAnswer {
  readonly error?: ApiError
}

/**
 * The connection of the user, watched. The client reconnects by itself and writes again what it has not sent, but it does
 * not know of work that waits for an answer: that is ended here when the connection breaks.
 */
export class Link {
  readonly connection: NatsConnection
  readonly transport: string
  readonly timers: Timers
  readonly #lost = new Set<(error: DureError) => void>()
  readonly #back = new Set<() => void>()
  #isUp: boolean
  #closed = false
  #trouble = ''
  #maxPayload: number

  constructor(connection: NatsConnection, timers: Timers) {
    this.connection = connection
    this.timers = timers
    this.transport = `nats ${connection.getServer()}`.trim()
    // It may be handed over while it is interrupted, and does not say so; then a reconnect will be told of.
    this.#isUp = !connection.isClosed() && connection.info !== undefined
    this.#maxPayload = connection.info?.max_payload ?? 1024 * 1024
    // The loop ends with the connection; it has nothing to reject with.
    void this.#watch(connection.status())
  }

  get isUp(): boolean {
    return this.#isUp && !this.#closed
  }

  /** Whether the client has given the connection up. */
  get isGone(): boolean {
    return this.connection.isClosed()
  }

  /** Of the server, headers included; the last known while there is none. */
  get maxPayload(): number {
    return (this.#maxPayload = this.connection.info?.max_payload ?? this.#maxPayload)
  }

  /** A subject that nobody else has. A user whose rights are narrow has inboxes of its own; the client knows, but does not tell. */
  newInbox(): string {
    const { options } = this.connection as { readonly options?: { readonly inboxPrefix?: string } }
    return createInbox(options?.inboxPrefix)
  }

  /** @throws DURE_TRANSPORT_CLOSED, DURE_TRANSPORT_UNAVAILABLE */
  checkUp(): void {
    if (this.#closed) throw fault('DURE_TRANSPORT_CLOSED', { transport: this.transport })
    if (this.isGone) throw this.gone()
    if (!this.#isUp) throw this.unavailable('the connection is interrupted')
  }

  unavailable(reason: string, cause?: unknown): DureError {
    const trouble = this.#trouble === '' ? '' : `; the server last said: ${this.#trouble}`
    const details = { transport: this.transport, reason: `${reason}${trouble}` }
    return fault('DURE_TRANSPORT_UNAVAILABLE', details, cause)
  }

  gone(): DureError {
    return this.unavailable(
      'the client has given the connection up; connect it with maxReconnectAttempts: -1',
    )
  }

  /** Runs once when the connection breaks or the transport is closed; the returned function takes it back. */
  onLost(run: (error: DureError) => void): () => void {
    this.#lost.add(run)
    return () => void this.#lost.delete(run)
  }

  /** Resolves when the connection stands, or is given up, or the transport is closed. */
  async whenUp(): Promise<void> {
    if (this.#isUp || this.#closed || this.isGone) return
    await new Promise<void>((resolve) => this.#back.add(resolve))
  }

  /** Asks the JetStream API. @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_UNSUITABLE, DURE_TRANSPORT_CLOSED */
  async ask<T extends ApiAnswer>(subject: string, question?: object, timeout = ANSWER_MS): Promise<T> {
    this.checkUp()
    const payload = question === undefined ? '' : JSON.stringify(question)
    const request = this.connection.request(`$JS.API.${subject}`, payload, { timeout })
    try {
      return (await this.#unlessLost(request)).json<T>()
    } catch (error) {
      throw this.#coded(error)
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#end(fault('DURE_TRANSPORT_CLOSED', { transport: this.transport }))
    this.#resume()
  }

  #unlessLost(request: Promise<Msg>): Promise<Msg> {
    return new Promise((resolve, reject) => {
      const stop = this.onLost(reject)
      request.then(resolve, reject).finally(stop)
    })
  }

  #coded(error: unknown): DureError {
    if (isDureError(error)) return error
    const { transport } = this
    const name = nameOf(error)
    if (name !== 'NoResponders') {
      return this.unavailable(
        name === 'TimeoutError' ? 'JetStream did not answer in time' : textOf(error),
        error,
      )
    }
    // Nobody listens: it is off, or not up yet.
    if (this.connection.info?.jetstream === true)
      return this.unavailable('JetStream does not answer yet', error)
    const reason = 'JetStream is off; start the server with it (nats-server --jetstream)'
    return fault('DURE_TRANSPORT_UNSUITABLE', { transport, reason }, error)
  }

  async #watch(statuses: AsyncIterable<Status>): Promise<void> {
    try {
      for await (const status of statuses) {
        if (status.type === 'error') this.#trouble = textOf(status.error)
        if (status.type === 'disconnect') this.#down()
        if (status.type === 'reconnect') this.#up()
        if (this.#closed) return
      }
    } catch (error) {
      this.#trouble = textOf(error)
    }
    this.#down()
    this.#resume()
  }

  #down(): void {
    this.#isUp = false
    this.#end(this.unavailable('the connection broke'))
  }

  #up(): void {
    // Believed to be up all the time: what was asked meanwhile may never have been sent.
    if (this.#isUp) this.#end(this.unavailable('the connection broke'))
    this.#isUp = true
    this.#trouble = ''
    this.#resume()
  }

  #end(error: DureError): void {
    const waiting = [...this.#lost]
    this.#lost.clear()
    for (const end of waiting) end(error)
  }

  #resume(): void {
    const waiting = [...this.#back]
    this.#back.clear()
    for (const go of waiting) go()
  }
}

/** The client wraps what it found; the first of the chain that says what it is. */
function nameOf(error: unknown): string {
  for (let it = error; it instanceof Error; it = it.cause) {
    if (it.name !== 'RequestError' && it.name !== 'Error') return it.name
  }
  return ''
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
