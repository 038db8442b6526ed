import type { PublishedLog } from '../../app/published-log.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { EpochStart } from '../../ports/event-store.ts'
import type { PublishedEvent } from '../arrival.ts'
import type { Source, SourceReader } from '../source.ts'
import { whole } from './chain.ts'
import { readPiece, type Piece } from './wire.ts'

/**
 * The log of a context that runs in other processes: one of them is asked for it. Nothing is known of it before `ready`,
 * and a new epoch is heard of with whatever is asked next.
 */
export class RemoteSource implements Source {
  readonly name: string
  readonly #log: PublishedLog
  readonly #listeners = new Set<() => void>()
  #epochs: readonly EpochStart[] = []
  #archived = 0
  #asking: Promise<void> | undefined

  constructor(name: string, log: PublishedLog) {
    this.name = name
    this.#log = log
  }

  get epoch(): string {
    return this.#epochs.at(-1)?.epoch ?? ''
  }

  get epochs(): readonly EpochStart[] {
    return this.#epochs
  }

  async archivedTo(): Promise<number> {
    await this.ready()
    return this.#archived
  }

  /** Resolves when the lineage of the log is known. @throws DURE_SOURCE_UNAVAILABLE */
  async ready(): Promise<void> {
    if (this.#epochs.length === 0) await this.refresh()
  }

  /** Asks for the lineage again; several who want to know ask once. @throws DURE_SOURCE_UNAVAILABLE */
  refresh(): Promise<void> {
    return (this.#asking ??= this.#ask().finally(() => (this.#asking = undefined)))
  }

  /** As `PublishedLog.settled`. */
  settled(): Promise<number> {
    return this.#log.settled()
  }

  async find(position: number): Promise<PublishedEvent | undefined> {
    const { epochs, messages } = await this.#log.find(position)
    this.#learn(epochs)
    return eventsOf(this.name, messages).find((it) => it.position === position)
  }

  onEpoch(listener: () => void): () => void {
    const added = (): void => listener()
    this.#listeners.add(added)
    return () => this.#listeners.delete(added)
  }

  openLog(after: number): SourceReader {
    let epoch = this.epoch
    let mark = after
    return {
      get mark() {
        return mark
      },
      next: async (limit) => {
        await this.ready()
        epoch ||= this.epoch
        for (;;) {
          const page = await this.#log.read(mark, limit)
          this.#learn(page.epochs)
          if (this.epoch !== epoch) {
            throw fault('DURE_STORE_EPOCH', {
              store: 'another process',
              context: this.name,
              epoch: this.epoch,
            })
          }
          mark = Math.max(mark, page.through)
          const events = eventsOf(this.name, page.messages)
          if (events.length > 0 || !page.more) return events
        }
      },
    }
  }

  async #ask(): Promise<void> {
    const { epochs, archived } = await this.#log.lineage()
    this.#archived = archived
    this.#learn(epochs)
  }

  // Of several processes one may not have noticed yet: what it tells is the beginning of what is known.
  #learn(epochs: readonly EpochStart[]): void {
    const known = this.#epochs
    if (epochs.length <= known.length && epochs.every((it, i) => it.epoch === known[i]?.epoch)) return
    this.#epochs = epochs
    for (const listener of this.#listeners) listener()
  }
}

function eventsOf(source: string, messages: readonly string[]): readonly PublishedEvent[] {
  const events: PublishedEvent[] = []
  let pieces: Piece[] = []
  for (const message of messages) {
    const piece = readPiece(source, message)
    pieces = piece.piece === 1 ? [piece] : [...pieces, piece]
    if (pieces.length < piece.pieces) continue
    const event = whole(pieces)
    if (event !== 'elsewhere') events.push(event)
  }
  return events
}
