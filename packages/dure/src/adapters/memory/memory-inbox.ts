import type { InboxMove, ParkedMessage, ParkedPlace, StreamId } from '../../ports/event-store.ts'
import type { InboxState } from '../../ports/inbox.ts'
import { streamKey } from '../../ports/storable.ts'

interface Watermarks {
  readonly epoch: string
  readonly slices: Map<number, number>
  through: number
}

/** Where the consumers of one context stand, and what they have set aside. */
export class MemoryInbox {
  readonly #marks = new Map<string, Watermarks>()
  readonly #parked = new Map<string, Map<number, ParkedMessage>>()

  read(consumer: string, source: string): InboxState {
    const key = inboxKey(consumer, source)
    const found = this.#marks.get(key)
    const parked = new Map<string, StreamId>()
    for (const { stream } of this.#parked.get(key)?.values() ?? []) {
      parked.set(streamKey(stream), { ...stream })
    }
    return {
      epoch: found?.epoch,
      slices: new Map(found?.slices),
      through: found?.through ?? 0,
      parked: [...parked.values()],
    }
  }

  parked(consumer?: string, source?: string): ParkedMessage[] {
    return [...this.#parked.values()]
      .flatMap((it) => [...it.values()])
      .filter((it) => consumer === undefined || it.consumer === consumer)
      .filter((it) => source === undefined || it.source === source)
      .toSorted((a, b) => a.position - b.position)
      .map((it) => ({ ...it, stream: { ...it.stream } }))
  }

  forget(consumer: string): void {
    const prefix = inboxKey(consumer, '')
    for (const kept of [this.#marks, this.#parked]) {
      for (const key of kept.keys()) if (key.startsWith(prefix)) kept.delete(key)
    }
  }

  canMove({ consumer, source, epoch, slices }: InboxMove): boolean {
    const found = this.#marks.get(inboxKey(consumer, source))
    if (found !== undefined && found.epoch !== epoch) return false
    return slices.every((it) => (found?.slices.get(it.slice) ?? 0) === it.from)
  }

  move({ consumer, source, epoch, slices, through }: InboxMove): void {
    const key = inboxKey(consumer, source)
    const found = this.#marks.get(key) ?? { epoch, slices: new Map<number, number>(), through }
    this.#marks.set(key, found)
    for (const { slice, to } of slices) found.slices.set(slice, to)
    found.through = Math.max(found.through, through)
  }

  isParked({ consumer, source, position }: ParkedPlace): boolean {
    return this.#parked.get(inboxKey(consumer, source))?.has(position) ?? false
  }

  park(parked: ParkedMessage): void {
    const key = inboxKey(parked.consumer, parked.source)
    let of = this.#parked.get(key)
    if (of === undefined) this.#parked.set(key, (of = new Map()))
    if (!of.has(parked.position)) of.set(parked.position, parked)
  }

  unpark({ consumer, source, position }: ParkedPlace): void {
    this.#parked.get(inboxKey(consumer, source))?.delete(position)
  }
}

/** Names hold no U+0000, so the key is unambiguous, and `inboxKey(consumer, '')` is a prefix of all of a consumer. */
function inboxKey(consumer: string, source: string): string {
  return `${consumer}\0${source}`
}
