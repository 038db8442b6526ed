import type {
  ParkedFilter,
  ParkedMessage,
  ParkedPlace,
  ParkedRecord,
  ParkedSequence,
  ParkedTry,
} from '../../ports/parking.ts'
import { storableProse, streamKey } from '../../ports/storable.ts'

/** What the consumers of one context have set aside. */
export class MemoryParked {
  readonly #records = new Map<string, ParkedRecord>()

  read(filter: ParkedFilter, limit?: number): ParkedRecord[] {
    return this.#select(filter).slice(0, limit).map(copy)
  }

  sequences(filter: ParkedFilter): ParkedSequence[] {
    const each = Map.groupBy(this.#select(filter), sequenceKey)
    return [...each.values()].map((it) => ({ first: copy(it[0] as ParkedRecord), count: it.length }))
  }

  request(filter: ParkedFilter): number {
    const firsts = this.sequences(filter).map((it) => it.first)
    for (const first of firsts) this.#records.set(placeKey(first), { ...first, retry: true })
    return firsts.length
  }

  note(place: ParkedPlace, seen: number, { tries, triedAt, code, reason, heldUntil }: ParkedTry): boolean {
    const found = this.#records.get(placeKey(place))
    if (found === undefined || found.tries !== seen) return false
    const { heldUntil: _, ...rest } = found
    this.#records.set(
      placeKey(place),
      copy({
        ...rest,
        tries,
        triedAt,
        code,
        reason: storableProse(reason),
        retry: rest.retry && tries <= seen,
        ...(heldUntil && { heldUntil }),
      }),
    )
    return true
  }

  has(place: ParkedPlace): boolean {
    return this.#records.has(placeKey(place))
  }

  park(parked: ParkedMessage, at: Date): void {
    const key = placeKey(parked)
    if (!this.#records.has(key)) this.#records.set(key, copy({ ...parked, at, triedAt: at, retry: false }))
  }

  unpark(place: ParkedPlace): void {
    this.#records.delete(placeKey(place))
  }

  #select({ consumer, source, tenant, aggregate, id }: ParkedFilter): ParkedRecord[] {
    return [...this.#records.values()]
      .filter((it) => fits(consumer, it.consumer) && fits(source, it.source))
      .filter(({ stream }) => fits(tenant, stream.tenant) && fits(aggregate, stream.aggregate))
      .filter(({ stream }) => fits(id, stream.id))
      .toSorted((a, b) => a.position - b.position)
  }
}

function fits(wanted: string | undefined, found: string): boolean {
  return wanted === undefined || wanted === found
}

function placeKey({ consumer, source, position }: ParkedPlace): string {
  return `${consumer}\0${source}\0${position}`
}

function sequenceKey({ consumer, source, stream }: ParkedMessage): string {
  return `${consumer}\0${source}\0${streamKey(stream)}`
}

// A Date can be changed, so nobody gets the one that is kept.
function copy(it: ParkedRecord): ParkedRecord {
  return {
    ...it,
    stream: { ...it.stream },
    at: new Date(it.at),
    triedAt: new Date(it.triedAt),
    ...(it.heldUntil && { heldUntil: new Date(it.heldUntil) }),
  }
}
