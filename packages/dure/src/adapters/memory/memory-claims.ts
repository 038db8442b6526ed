import type { Append, StreamId } from '../../ports/event-store.ts'
import type { Claim } from '../../ports/state-store.ts'
import { streamKey } from '../../ports/storable.ts'

/** The values of one context that only one aggregate of a kind may have. */
export class MemoryClaims {
  /** The id of the holder. */
  readonly #held = new Map<string, string>()
  readonly #byHolder = new Map<string, Set<string>>()

  find(tenant: string, aggregate: string, claim: Claim): string | undefined {
    return this.#held.get(claimKey({ tenant, aggregate }, claim))
  }

  /** The first claim that another holds, once everything that the appends give up is free. */
  taken(appends: readonly Append[]): { readonly stream: StreamId; readonly claim: Claim } | undefined {
    const dropped = new Set<string>()
    for (const { stream, claims } of appends) {
      for (const it of claims?.drop ?? []) if (this.#holds(stream, it)) dropped.add(claimKey(stream, it))
    }
    const taken = new Map<string, string>()
    for (const { stream, claims } of appends) {
      for (const claim of claims?.take ?? []) {
        const key = claimKey(stream, claim)
        const holder = taken.get(key) ?? (dropped.has(key) ? undefined : this.#held.get(key))
        if (holder !== undefined && holder !== stream.id) return { stream, claim }
        taken.set(key, stream.id)
      }
    }
    return undefined
  }

  change(appends: readonly Append[]): void {
    for (const { stream, claims } of appends) {
      for (const it of claims?.drop ?? [])
        if (this.#holds(stream, it)) this.#drop(stream, claimKey(stream, it))
    }
    for (const { stream, claims } of appends) {
      for (const it of claims?.take ?? []) this.#take(stream, claimKey(stream, it))
    }
  }

  /** Makes these the claims of a stream: what else it held is free. */
  set(stream: StreamId, claims: readonly Claim[]): void {
    for (const key of this.#byHolder.get(streamKey(stream)) ?? []) this.#drop(stream, key)
    for (const it of claims) this.#take(stream, claimKey(stream, it))
  }

  #take(stream: StreamId, key: string): void {
    this.#held.set(key, stream.id)
    let own = this.#byHolder.get(streamKey(stream))
    if (own === undefined) this.#byHolder.set(streamKey(stream), (own = new Set()))
    own.add(key)
  }

  #drop(stream: StreamId, key: string): void {
    this.#held.delete(key)
    this.#byHolder.get(streamKey(stream))?.delete(key)
  }

  /** What another holds is not given up by naming it. */
  #holds(stream: StreamId, claim: Claim): boolean {
    return this.#held.get(claimKey(stream, claim)) === stream.id
  }
}

function claimKey({ tenant, aggregate }: Omit<StreamId, 'id'>, { name, value }: Claim): string {
  return `${tenant}\0${aggregate}\0${name}\0${value}`
}
