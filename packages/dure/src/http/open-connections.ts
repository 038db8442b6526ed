import type { OutgoingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'

/** The connections of a server, and what is being answered on them. */
export class OpenConnections {
  readonly #sockets = new Set<Socket>()

  constructor(server: Server) {
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /** Lets each answer that is under way say that it is the last one on its connection. */
  announceEnd(): void {
    for (const socket of this.#sockets) {
      const { _httpMessage: answer } = socket as { readonly _httpMessage?: OutgoingMessage | null }
      if (answer && !answer.headersSent) answer.shouldKeepAlive = false
    }
  }
}
