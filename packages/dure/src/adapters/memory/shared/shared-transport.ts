import { connect, type Socket } from 'node:net'
import type { DureError } from '../../../kernel/error.ts'
import { fault } from '../../../kernel/errors/fault.ts'
import { checkMessages, checkTopic } from '../../../ports/publishable.ts'
import { PARTITIONS, type Topic, type TopicReader, type Transport } from '../../../ports/transport.ts'
import { onFrames, sendFrame, type Answer, type Answers, type Asked } from './frames.ts'

const NAME = 'memory of the parent process'

/**
 * The transport that another process on this machine shares by `shareTransport`. Connects when it is used first, and again
 * when it is used after the connection broke.
 */
export function sharedTransport(path: string): Transport {
  let line: Line | undefined
  let closed = false
  const ask = <K extends Asked['do']>(asked: Asked & { readonly do: K }): Promise<Answers[K]> => {
    if (closed) return Promise.reject(fault('DURE_TRANSPORT_CLOSED', { transport: NAME }))
    if (line === undefined || line.broken) line = new Line(path)
    return line.ask(asked) as Promise<Answers[K]>
  }
  const topicOf = (name: string, partitions: number, it: Exclude<Answers['topic'], null>): Topic => {
    const at = { topic: name, partitions }
    let newest: string | undefined
    const topic = { name, partitions, maxBytes: it.maxBytes, warnings: it.warnings }
    return {
      ...topic,
      async publish(messages) {
        checkMessages(messages, topic)
        await ask({ do: 'publish', ...at, messages })
      },
      last: () => ask({ do: 'last', ...at }),
      signal(body) {
        // Of many the newest counts.
        if (newest === undefined) {
          queueMicrotask(() => {
            const last = newest as string
            newest = undefined
            ask({ do: 'signal', ...at, body: last }).catch(() => undefined)
          })
        }
        newest = body
      },
      async read(after) {
        const place = after === 'end' ? null : after.place
        const begun = await ask({ do: 'read', ...at, place })
        return new SharedReader(line as Line, begun)
      },
    }
  }
  return {
    name: NAME,
    async openTopic(name, partitions = PARTITIONS) {
      checkTopic(name, partitions)
      const it = await ask({ do: 'topic', name, partitions, make: true })
      return topicOf(name, partitions, it as Exclude<typeof it, null>)
    },
    async findTopic(name, partitions = PARTITIONS) {
      checkTopic(name, partitions)
      const it = await ask({ do: 'topic', name, partitions, make: false })
      return it === null ? undefined : topicOf(name, partitions, it)
    },
    async ping() {
      await ask({ do: 'ping' })
    },
    async close() {
      closed = true
      line?.close()
    },
  }
}

class SharedReader implements TopicReader {
  place: string
  readonly #line: Line
  readonly #reader: number
  #closed = false

  constructor(line: Line, { reader, place }: Answers['read']) {
    this.#line = line
    this.#reader = reader
    this.place = place
  }

  async next(): ReturnType<TopicReader['next']> {
    if (this.#closed || this.#line.closed) return []
    try {
      const { some, place } = (await this.#line.ask({ do: 'next', reader: this.#reader })) as Answers['next']
      if (place !== '') this.place = place
      return some
    } catch (error) {
      if (this.#closed || this.#line.closed) return []
      throw error
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#line.ask({ do: 'end', reader: this.#reader }).catch(() => undefined)
  }
}

/** One connection, with what is asked on it. */
class Line {
  broken = false
  closed = false
  readonly #socket: Socket
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>()
  #asked = 0

  constructor(path: string) {
    this.#socket = connect(path)
    this.#socket.unref()
    let reason = 'the connection was closed'
    this.#socket.on('error', (error) => (reason = error.message))
    this.#socket.on('close', () => {
      this.broken = true
      for (const it of this.#open.values()) it.reject(away(reason))
      this.#open.clear()
    })
    onFrames(this.#socket, (answer: Answer) => this.#hear(answer))
  }

  ask(asked: Asked): Promise<unknown> {
    if (this.broken) return Promise.reject(away('the connection was closed'))
    const id = ++this.#asked
    const answer = Promise.withResolvers<unknown>()
    this.#open.set(id, answer)
    sendFrame(this.#socket, { id, ...asked })
    return answer.promise
  }

  close(): void {
    this.closed = true
    this.#socket.destroy()
  }

  #hear(answer: Answer): void {
    const open = this.#open.get(answer.id)
    this.#open.delete(answer.id)
    if ('code' in answer) open?.reject(fault(answer.code as never, answer.details as never))
    else open?.resolve(answer.value)
  }
}

function away(reason: string): DureError {
  return fault('DURE_TRANSPORT_UNAVAILABLE', { transport: NAME, reason })
}
