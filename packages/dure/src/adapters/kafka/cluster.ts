import { isIP } from 'node:net'
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import {
  apiVersionsV3,
  Connection,
  createTopicsV7,
  describeConfigsV4,
  fetchV13,
  listOffsetsV7,
  metadataV12,
  produceV9,
  type ConnectionOptions,
} from '@platformatic/kafka'
import { type DureError, isDureError } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { Address, Credentials } from './address.ts'
import { StaleLeader } from './error-codes.ts'
import type { Timers } from './timers.ts'

const CONNECT_MS = 5000
const ANSWER_MS = 10_000
const CLIENT = 'dure'

/** What is spoken, each in one version: Kafka 3.1 has all of them, and no broker has dropped one. */
const spoken = [metadataV12, createTopicsV7, describeConfigsV4, listOffsetsV7, fetchV13, produceV9]

export interface ClusterParts {
  readonly brokers: readonly Address[]
  readonly timers: Timers
  readonly credentials?: Credentials | undefined
  readonly tls?: TlsOptions | undefined
}

/** Connections to the brokers of one cluster, made when they are needed and again when they have broken. */
export class Cluster {
  readonly transport: string
  readonly timers: Timers
  readonly #parts: ClusterParts
  readonly #shared = new Map<string, Promise<Connection>>()
  readonly #open = new Set<Connection>()
  readonly #answering = new Set<string>()
  #known: readonly Address[] = []
  #closed = false

  constructor(parts: ClusterParts) {
    this.#parts = parts
    this.timers = parts.timers
    this.transport = `kafka ${parts.brokers.map(textOfAddress).join(', ')}`
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** @throws DURE_TRANSPORT_CLOSED */
  checkOpen(): void {
    if (this.#closed) throw fault('DURE_TRANSPORT_CLOSED', { transport: this.transport })
  }

  unavailable(reason: string, cause?: unknown): DureError {
    return fault('DURE_TRANSPORT_UNAVAILABLE', { transport: this.transport, reason }, cause)
  }

  unsuitable(reason: string, cause?: unknown): DureError {
    return fault('DURE_TRANSPORT_UNSUITABLE', { transport: this.transport, reason }, cause)
  }

  /** Remembers who is in the cluster: any of them is asked when one of those named at first is away. */
  know(brokers: readonly Address[]): void {
    this.#known = brokers
  }

  /** Asks a broker over the connection that all share. @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_CLOSED */
  async ask<T>(address: Address, question: (connection: Connection) => Promise<T>): Promise<T> {
    this.checkOpen()
    const connection = await this.#sharedWith(address)
    return this.answerOf(question(connection))
  }

  /** Asks any broker that can be reached. @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_UNSUITABLE, DURE_TRANSPORT_CLOSED */
  async askAny<T>(question: (connection: Connection) => Promise<T>): Promise<T> {
    let failure: unknown
    const all = new Map([...this.#known, ...this.#parts.brokers].map((it) => [textOfAddress(it), it]))
    if (all.size === 0) throw this.unsuitable('no broker is named')
    // One that does not answer takes seconds to find out about: those that did come first.
    const isAway = (name: string): number => (this.#answering.has(name) ? 0 : 1)
    for (const [name, address] of [...all].toSorted(([a], [b]) => isAway(a) - isAway(b))) {
      try {
        const answer = await this.ask(address, question)
        this.#answering.add(name)
        return answer
      } catch (error) {
        this.#answering.delete(name)
        if (!isDureError(error, 'DURE_TRANSPORT_UNAVAILABLE')) throw error
        failure = error
      }
    }
    throw failure
  }

  /** A connection of one's own, for requests that a broker lets wait. `close` it. @throws as `ask` */
  async connect(address: Address, answerMs: number): Promise<Connection> {
    this.checkOpen()
    const { credentials, tls } = this.#parts
    const connection = new Connection(CLIENT, {
      connectTimeout: CONNECT_MS,
      requestTimeout: answerMs,
      // A name of TLS is never a number.
      ...(tls !== undefined && { tls, tlsServerName: isIP(address.host) === 0 }),
      ...(credentials !== undefined && { sasl: saslOf(credentials) }),
    })
    // Whoever waits for an answer is told; an event that nobody listens to would end the process.
    connection.on('error', () => undefined)
    this.#open.add(connection)
    connection.once('close', () => this.#open.delete(connection))
    try {
      await this.answerOf(connection.connect(address.host, address.port) as Promise<void>)
      await this.#greet(connection, address)
      this.checkOpen()
      return connection
    } catch (error) {
      await this.end(connection)
      throw error
    }
  }

  async end(connection: Connection): Promise<void> {
    this.#open.delete(connection)
    const closed = connection.close().catch(() => undefined)
    // It would wait until what is written has been sent, and a network that is cut takes nothing.
    connection.socket?.destroy()
    await closed
  }

  /** An answer, or what keeps it from coming in words of the port. */
  async answerOf<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      if (isDureError(error) || error instanceof StaleLeader) throw error
      this.checkOpen()
      throw this.unavailable(reasonOf(error), error)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(Array.from(this.#open, (it) => this.end(it)))
  }

  async #sharedWith(address: Address): Promise<Connection> {
    const key = textOfAddress(address)
    const before = this.#shared.get(key)
    if (before !== undefined) {
      const connection = await before
      // One that shows again who it is still takes requests.
      if (connection.isConnected() || connection.status === 'reauthenticating') return connection
      if (this.#shared.get(key) === before) this.#shared.delete(key)
      void this.end(connection)
      return this.#sharedWith(address)
    }
    const opening = this.connect(address, ANSWER_MS)
    this.#shared.set(key, opening)
    opening.catch(() => this.#shared.get(key) === opening && this.#shared.delete(key))
    return opening
  }

  /** Whoever takes a connection and says nothing is no broker, or hangs. */
  async #greet(connection: Connection, address: Address): Promise<void> {
    let isLate = false
    const cancel = this.timers.after(CONNECT_MS, () => {
      isLate = true
      void this.end(connection)
    })
    try {
      await this.answerOf(this.#checkVersions(connection, address))
    } catch (error) {
      if (isLate)
        throw this.unavailable(`${textOfAddress(address)} took the connection and says nothing`, error)
      throw error
    } finally {
      cancel()
    }
  }

  async #checkVersions(connection: Connection, address: Address): Promise<void> {
    const { apiKeys } = await apiVersionsV3.api.async(connection, CLIENT, '1')
    for (const { api } of spoken) {
      const found = apiKeys.find((it) => it.apiKey === api.key)
      if (found !== undefined && found.minVersion <= api.version && api.version <= found.maxVersion) continue
      throw this.unsuitable(`the broker ${textOfAddress(address)} is older than Kafka 3.1`)
    }
  }
}

/** An answer also where a broker has refused parts of the question, or all of it: that is in it. */
export async function wholeOf<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (isAnswer(error)) return error.response as T
    throw error
  }
}

const isAnswer = (error: unknown): error is { readonly response: unknown } =>
  error instanceof Error && 'response' in error && error.response !== undefined

export const textOfAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

function saslOf({ mechanism, username, password }: Credentials): NonNullable<ConnectionOptions['sasl']> {
  return { mechanism, username, password }
}

/** The client wraps what it found; each of the chain says a part of it. */
function reasonOf(error: unknown): string {
  const said: string[] = []
  for (let it = error; it instanceof Error && said.length < 4; it = innerOf(it)) {
    const text = (it.message || ('code' in it ? String(it.code) : it.name)).replace(/\.$/, '')
    if (!said.includes(text)) said.push(text)
  }
  return said.join(': ') || String(error)
}

function innerOf(error: Error): unknown {
  return error instanceof AggregateError && error.cause === undefined ? error.errors[0] : error.cause
}
