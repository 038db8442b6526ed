import type { Socket } from 'node:net'
import type { InMessage, OutMessage, Signal, TransportWarning } from '../../../ports/transport.ts'

/** What a process asks of the broker; the reader is a number that the broker has given. */
export type Asked =
  | { readonly do: 'topic'; readonly name: string; readonly partitions: number; readonly make: boolean }
  | {
      readonly do: 'publish'
      readonly topic: string
      readonly partitions: number
      readonly messages: readonly OutMessage[]
    }
  | { readonly do: 'last'; readonly topic: string; readonly partitions: number }
  | { readonly do: 'signal'; readonly topic: string; readonly partitions: number; readonly body: string }
  | {
      readonly do: 'read'
      readonly topic: string
      readonly partitions: number
      readonly place: string | null
    }
  | { readonly do: 'next' | 'end'; readonly reader: number }
  | { readonly do: 'ping' }

/** What it answers, by the kind of the question. */
export interface Answers {
  readonly topic: { readonly maxBytes: number; readonly warnings: readonly TransportWarning[] } | null
  readonly publish: null
  readonly last: readonly InMessage[]
  readonly signal: null
  readonly read: { readonly reader: number; readonly place: string }
  readonly next: { readonly some: readonly (InMessage | Signal)[]; readonly place: string }
  readonly end: null
  readonly ping: null
}

/** An answer on the wire: a value, or an error by its code. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly code: string; readonly details: object }

/** Writes one value as a line of JSON. */
export function sendFrame(socket: Socket, value: object): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(value)}\n`)
}

/** Hands out each line that comes, read as JSON. */
export function onFrames(socket: Socket, take: (value: never) => void): void {
  // Pieces of a line that has not ended yet: put together once, however large it is.
  let pieces: string[] = []
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const [first = '', ...more] = chunk.split('\n')
    pieces.push(first)
    for (const piece of more) {
      take(JSON.parse(pieces.join('')) as never)
      pieces = [piece]
    }
  })
}
