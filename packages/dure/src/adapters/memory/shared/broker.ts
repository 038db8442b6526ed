import { createServer, type Server, type Socket } from 'node:net'
import { isDureError } from '../../../kernel/error.ts'
import { fault } from '../../../kernel/errors/fault.ts'
import type { Topic, TopicReader, Transport } from '../../../ports/transport.ts'
import { onFrames, sendFrame, type Asked } from './frames.ts'

/** A transport of this process that others on this machine share. */
export interface SharedTransport {
  /** Lets no one in any more, and closes the transport. */
  close(): Promise<void>
}

/** Lets other processes use a transport over a socket: a path, or a named pipe on Windows. Made for development alone. */
export async function shareTransport(transport: Transport, path: string): Promise<SharedTransport> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    serve(transport, socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.listen(path, resolve)
  })
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const it of sockets) it.destroy()
      await Promise.all([closed, transport.close()])
    },
  }
}

function serve(transport: Transport, socket: Socket): void {
  const readers = new Map<number, TopicReader>()
  let readersMade = 0
  socket.on('close', () => {
    for (const it of readers.values()) void it.close()
  })

  async function answer(asked: Asked): Promise<unknown> {
    switch (asked.do) {
      case 'ping':
        return transport.ping()
      case 'topic': {
        const { name, partitions, make } = asked
        const found = make
          ? await transport.openTopic(name, partitions)
          : await transport.findTopic(name, partitions)
        return found && { maxBytes: found.maxBytes, warnings: found.warnings }
      }
      case 'publish':
        return (await topicOf(asked)).publish(asked.messages)
      case 'last':
        return (await topicOf(asked)).last()
      case 'signal':
        return (await topicOf(asked)).signal(asked.body)
      case 'read': {
        const { place } = asked
        const reader = await (await topicOf(asked)).read(place === null ? 'end' : { place })
        readers.set(++readersMade, reader)
        return { reader: readersMade, place: reader.place }
      }
      case 'next': {
        const reader = readers.get(asked.reader)
        const some = reader === undefined ? [] : await reader.next()
        return { some, place: reader?.place ?? '' }
      }
      case 'end': {
        const reader = readers.get(asked.reader)
        readers.delete(asked.reader)
        return reader?.close()
      }
      default:
        throw fault('DURE_MESSAGE_INVALID', {
          transport: transport.name,
          reason: 'it asks for nothing known',
        })
    }
  }

  const topicOf = (it: { readonly topic: string; readonly partitions: number }): Promise<Topic> =>
    transport.openTopic(it.topic, it.partitions)

  onFrames(socket, ({ id, ...asked }: Asked & { readonly id: number }) => {
    answer(asked as Asked).then(
      (value) => sendFrame(socket, { id, value: value ?? null }),
      (error: unknown) => {
        const { code, details } = isDureError(error)
          ? error
          : {
              code: 'DURE_TRANSPORT_UNAVAILABLE',
              details: { transport: transport.name, reason: String(error) },
            }
        sendFrame(socket, { id, code, details })
      },
    )
  })
}
