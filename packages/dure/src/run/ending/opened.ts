import type { World } from '../../kernel/world.ts'

/** How a process stopped. */
export interface Stopped {
  /** What did not end in time, in words. */
  readonly cut: readonly string[]
  /** The first thing that failed while it was closed. */
  readonly failed?: { readonly error: unknown }
}

/** Closes one thing within so many milliseconds; answers what it had to cut off, in words. */
export type Close = (leftMs: number) => Promise<string | void>

interface Step {
  readonly what: string
  readonly close: Close
}

/** What a thing still gets when the budget is used up: time to let go, not to wait. */
const LAST_MS = 250

/** What a process has opened: closed once, the last first, within a budget. */
export class Opened {
  readonly #world: World
  readonly #steps: Step[] = []
  #left: Step[] = []
  #closing: Promise<Stopped> | undefined
  /** How long all of it may take. */
  budgetMs = 25_000

  constructor(world: World) {
    this.#world = world
  }

  push(what: string, close: Close): void {
    this.#steps.push({ what, close })
  }

  /** Whether the closing has begun. */
  get closing(): boolean {
    return this.#closing !== undefined
  }

  /** What is not closed yet, in words. */
  get unfinished(): readonly string[] {
    return this.#left.map((it) => it.what)
  }

  /** A second call waits for the first. */
  close(): Promise<Stopped> {
    return (this.#closing ??= this.#closeAll())
  }

  // One thing that cannot be closed must not keep the others open, nor one that takes for ever.
  async #closeAll(): Promise<Stopped> {
    const end = this.#now() + this.budgetMs
    const cut: string[] = []
    let failed: { readonly error: unknown } | undefined
    this.#left = this.#steps.toReversed()
    for (const step of this.#left.slice()) {
      const leftMs = Math.max(LAST_MS, end - this.#now())
      try {
        const said = await this.#within(leftMs, step.close(leftMs))
        if (said === late) cut.push(step.what)
        else if (said !== undefined) cut.push(said)
      } catch (error) {
        failed ??= { error }
      }
      this.#left.shift()
    }
    return { cut, ...(failed && { failed }) }
  }

  async #within<T>(ms: number, work: Promise<T>): Promise<T | typeof late> {
    let cancel = nothing
    const over = new Promise<typeof late>((resolve) => {
      cancel = this.#world.after(ms, () => resolve(late), true)
    })
    try {
      return await Promise.race([work, over])
    } finally {
      cancel()
    }
  }

  #now(): number {
    return this.#world.now().getTime()
  }
}

const late = Symbol('late')
const nothing = (): void => undefined
