import type { InboxMove, StreamId } from '../../ports/event-store.ts'
import type { EpochAdoption, InboxState } from '../../ports/inbox.ts'
import type { ParkedRecord } from '../../ports/parking.ts'
import { streamKey } from '../../ports/storable.ts'
import { MemoryParked } from './memory-parked.ts'

interface Watermarks {
  readonly epoch: string
  readonly slices: Map<number, number>
  through: number
  place: string | undefined
}

/** Where the consumers of one context stand, and what they have set aside. */
export class MemoryInbox {
  readonly parked: MemoryParked = new MemoryParked()
  readonly #marks = new Map<string, Watermarks>()

  read(consumer: string, source: string): InboxState {
    const found = this.#marks.get(inboxKey(consumer, source))
    const parked = new Map<string, StreamId>()
    for (const { stream } of this.parked.read({ consumer, source })) parked.set(streamKey(stream), stream)
    return {
      epoch: found?.epoch,
      slices: new Map(found?.slices),
      through: found?.through ?? 0,
      ...(found?.place !== undefined && { place: found.place }),
      parked: [...parked.values()],
    }
  }

  forget(consumer: string): void {
    const prefix = inboxKey(consumer, '')
    for (const key of this.#marks.keys()) if (key.startsWith(prefix)) this.#marks.delete(key)
    for (const it of this.parked.read({ consumer })) this.parked.unpark(it)
  }

  canMove({ consumer, source, epoch, slices }: InboxMove): boolean {
    const found = this.#marks.get(inboxKey(consumer, source))
    if (found !== undefined && found.epoch !== epoch) return false
    return slices.every((it) => (found?.slices.get(it.slice) ?? 0) === it.from)
  }

  move({ consumer, source, epoch, slices, through, place }: InboxMove): void {
    const key = inboxKey(consumer, source)
    const found = this.#marks.get(key) ?? { epoch, slices: new Map<number, number>(), through, place }
    this.#marks.set(key, found)
    for (const { slice, to } of slices) found.slices.set(slice, to)
    if (through >= found.through) found.place = place ?? found.place
    found.through = Math.max(found.through, through)
  }

  adopt({ consumer, source, from, to, clampTo }: EpochAdoption): ParkedRecord[] | undefined {
    const key = inboxKey(consumer, source)
    const found = this.#marks.get(key)
    if (found?.epoch !== from) return undefined
    const slices = new Map([...found.slices].map(([slice, at]) => [slice, Math.min(at, clampTo)]))
    const place = found.through > clampTo ? undefined : found.place
    this.#marks.set(key, { epoch: to, slices, through: Math.min(found.through, clampTo), place })
    const lost = this.parked.read({ consumer, source }).filter((it) => it.position > clampTo)
    for (const it of lost) this.parked.unpark(it)
    return lost
  }
}

/** Names hold no U+0000, so the key is unambiguous, and `inboxKey(consumer, '')` is a prefix of all of a consumer. */
function inboxKey(consumer: string, source: string): string {
  return `${consumer}\0${source}`
}
