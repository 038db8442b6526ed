import type { World } from '../kernel/world.ts'

const inHex = (byte: number): string => byte.toString(16).padStart(2, '0')

/** The world as browsers have it. Ids are random alone, and made without `crypto.randomUUID`, which pages without TLS lack. */
export const browserWorld: World = {
  now: () => new Date(),
  random: () => Math.random(),
  newId: () => Array.from(crypto.getRandomValues(new Uint8Array(16)), inHex).join(''),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}
