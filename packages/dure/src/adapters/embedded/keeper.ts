import { setTimeout as pause } from 'node:timers/promises'
import { Server, type ServerPlace } from './server.ts'

const SHORTEST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 5000

/** Starts the server again when it ends unasked, at the same place, so that the pool finds it again. */
export class Keeper {
  readonly socketDirectory: string
  readonly #place: ServerPlace
  readonly #onProgress: (text: string) => void
  readonly #stopping = new AbortController()
  readonly #kept: Promise<void>
  #server: Server

  constructor(place: ServerPlace, server: Server, onProgress: (text: string) => void) {
    this.#place = place
    this.#server = server
    this.#onProgress = onProgress
    this.socketDirectory = server.socketDirectory
    this.#kept = this.#keep()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#server.stop()
    await this.#kept
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopping
    for (let pauseMs = SHORTEST_PAUSE_MS; ;) {
      await this.#server.exited
      if (signal.aborted) return
      this.#onProgress(`the embedded PostgreSQL in ${this.#place.directory} ended; starting it again …`)
      // Not worth keeping a program alive for.
      await pause(pauseMs, undefined, { signal, ref: false }).catch(() => undefined)
      if (signal.aborted) return
      try {
        this.#server = await Server.start(this.#place, this.socketDirectory)
        pauseMs = SHORTEST_PAUSE_MS
      } catch (error) {
        this.#onProgress((error as Error).message)
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
      }
      if (signal.aborted) await this.#server.stop()
    }
  }
}
