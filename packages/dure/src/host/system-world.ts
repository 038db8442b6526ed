import { randomFillSync } from 'node:crypto'
import type { World } from '../kernel/world.ts'

/** The real world: the clock, chance and timers of this machine. Made here once; everything else takes it as argument. */
export const systemWorld: World = {
  now: () => new Date(),
  random: () => Math.random(),
  newId: () => uuid7(Date.now()),
  after(delayMs, run, alive = false) {
    const timer = setTimeout(run, delayMs)
    if (!alive) timer.unref()
    return () => clearTimeout(timer)
  },
}

// Random bytes are drawn a page at a time: a draw for each id costs more than the id.
const pool = Buffer.alloc(4096)
let used = pool.length

let lastMs = 0
let counter = 0

/** UUID version 7 (RFC 9562 §5.7, method 1): milliseconds, then a counter within the millisecond, then chance. */
function uuid7(nowMs: number): string {
  if (used + 10 > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  if (nowMs > lastMs) {
    lastMs = nowMs
    counter = pool.readUInt16BE(used) & 0x07ff
  } else if (++counter > 0x0fff) {
    lastMs++
    counter = 0
  }
  const time = lastMs.toString(16).padStart(12, '0')
  const variant = ((pool.readUInt16BE(used + 2) & 0x3fff) | 0x8000).toString(16)
  const tail = pool.toString('hex', used + 4, used + 10)
  used += 10
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${variant}-${tail}`
}
