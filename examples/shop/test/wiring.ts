import { memoryStorage } from 'dure/memory'
import type { Storage, Transport } from 'dure/ports'

/** What a shop in a test stands on. */
export interface Wiring {
  readonly storage: Storage
  readonly transport?: Transport
}

let open: () => Promise<Wiring> = async () => ({ storage: memoryStorage() })

/** Puts the shops that are opened from now on on something else than this process. */
export function wireTo(other: () => Promise<Wiring>): void {
  open = other
}

/** A storage with nothing in it, and what carries events over it. */
export function wiring(): Promise<Wiring> {
  return open()
}
