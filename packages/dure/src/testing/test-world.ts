import type { World } from '../kernel/world.ts'

/** What `testWorld` takes; everything has a default. */
export interface TestWorldOptions {
  /** Where the clock stands still; 2026-01-01T00:00:00Z unless told. */
  readonly now?: Date | string
  /** The first ids to hand out; when they are used up, counted ones follow. */
  readonly ids?: readonly string[]
  /** Seed of `random`. */
  readonly seed?: number
}

/** A world that stands still until the test moves it, so that every run is the same run. */
export interface TestWorld extends World {
  /** Moves the clock, forwards or back; timers that are due run, in the order of their times. */
  set(to: Date | string): void
  /** Moves the clock forwards; timers that are due run, in the order of their times. */
  advance(ms: number): void
}

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** Makes a world with a fixed clock, counted ids, seeded chance and timers that run when the clock is moved. */
export function testWorld(options: TestWorldOptions = {}): TestWorld {
  let now = new Date(options.now ?? '2026-01-01T00:00:00Z').getTime()
  let count = 0
  const given = [...(options.ids ?? [])]
  const timers = new Set<Timer>()
  const moveTo = (to: number): void => {
    for (let timer = nextDue(timers, to); timer !== undefined; timer = nextDue(timers, to)) {
      timers.delete(timer)
      now = Math.max(now, timer.at)
      timer.run()
    }
    now = to
  }
  return {
    now: () => new Date(now),
    random: seeded(options.seed ?? 1),
    newId: () => given.shift() ?? countedId(now, ++count),
    after(delayMs, run) {
      const timer = { at: now + delayMs, run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    set: (to) => moveTo(new Date(to).getTime()),
    advance: (ms) => moveTo(now + ms),
  }
}

function nextDue(timers: ReadonlySet<Timer>, to: number): Timer | undefined {
  let next: Timer | undefined
  for (const it of timers) if (it.at <= to && (next === undefined || it.at < next.at)) next = it
  return next
}

/** The form of a UUID version 7 (RFC 9562), its random part replaced by a counter. */
function countedId(now: number, count: number): string {
  const time = Math.max(0, now).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${count.toString(16).padStart(12, '0')}`
}

/** The generator mulberry32: small, and the same everywhere. */
function seeded(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
