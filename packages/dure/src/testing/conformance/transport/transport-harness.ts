import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { isDureError } from '../../../kernel/error.ts'
import type { InMessage, OutMessage, Topic, Transport } from '../../../ports/transport.ts'

/** What the author of a transport supplies to have it tried. */
export interface TransportHarness {
  readonly name: string
  /** Opens a transport; called once or more per case. Topics get fresh names, so the broker may be used by others. */
  open(): Promise<Transport>
  /** Whether transports that are opened one after another reach the same broker. Absent: each has a broker of its own. */
  readonly shared?: boolean
  /** For a broker that a case may hurt: nobody else uses it meanwhile. Acts on the broker of the transport opened last. */
  readonly broker?: BrokerControl
}

/** Hurts a broker. */
export interface BrokerControl {
  /** Makes it unreachable without a warning: SIGKILL, if it is a process. */
  stop(): Promise<void>
  /** Makes it reachable again, with all that it had acknowledged. */
  start(): Promise<void>
  /** Makes it lose everything, as if its data had been deleted. Reachable afterwards. */
  wipe(): Promise<void>
}

/** One promise of the port, tried. Resolves when it is kept, rejects with an AssertionError when not. */
export interface TransportCase {
  readonly name: string
  readonly needs?: 'shared' | 'broker'
  run(trial: TransportTrial): Promise<void>
}

/** What a case works with. */
export interface TransportTrial {
  readonly harness: TransportHarness
  readonly transport: Transport
  /** Opens a topic that nobody has used before. */
  readonly fresh: (partitions?: number) => Promise<Topic>
  /** Opens another transport, closed when the case has ended. */
  readonly another: () => Promise<Transport>
  /** @throws TypeError if the harness has none */
  readonly broker: BrokerControl
}

export async function runTransportCase(harness: TransportHarness, it: TransportCase): Promise<void> {
  const opened: Transport[] = []
  const another = async (): Promise<Transport> => {
    const transport = await harness.open()
    opened.push(transport)
    return transport
  }
  try {
    const transport = await another()
    await it.run({
      harness,
      transport,
      another,
      fresh: (partitions) => transport.openTopic(freshTopic(), partitions),
      get broker() {
        if (harness.broker === undefined) throw new TypeError(`${harness.name} has no broker to hurt`)
        return harness.broker
      },
    })
  } finally {
    await Promise.all(opened.map((each) => each.close()))
  }
}

export function freshTopic(): string {
  return `case.${randomUUID()}`
}

/** A message whose id is its body. */
export function out(partition: number, body: string): OutMessage {
  return { partition, id: body, body }
}

/** Messages `from` to `to` of one partition, counted in their bodies. */
export function counted(partition: number, from: number, to: number): OutMessage[] {
  return Array.from({ length: to - from + 1 }, (_, i) => out(partition, `${partition}/${from + i}`))
}

export function bodies(messages: readonly InMessage[]): string[] {
  return messages.map((it) => it.body)
}

/** Bodies of one partition, in the order read. */
export function bodiesOf(messages: readonly InMessage[], partition: number): string[] {
  return bodies(messages.filter((it) => it.partition === partition))
}

/** Does it again until it is no longer unavailable. */
export async function eventually<T>(work: () => Promise<T>, deadlineMs = 30_000): Promise<T> {
  for (const end = Date.now() + deadlineMs; ; await pause(50)) {
    try {
      return await work()
    } catch (error) {
      if (!isDureError(error, 'DURE_TRANSPORT_UNAVAILABLE') || Date.now() > end) throw error
    }
  }
}

export async function assertCode(code: string, work: () => Promise<unknown>): Promise<void> {
  await assert.rejects(work, coded(code))
}

/** For `assert.rejects`: an error of Dure with a code, and with words in its message. */
export function coded(code: string, words = /(?:)/): (error: unknown) => true {
  return (error) => {
    assert.ok(isDureError(error, code), `${String(error)} instead of ${code}`)
    assert.match(error.message, words)
    return true
  }
}
