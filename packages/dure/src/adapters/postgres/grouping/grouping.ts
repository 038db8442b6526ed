import { Beat } from './beat.ts'
import { Pace } from './pace.ts'

/** Something asked of the store that can be done alone, or with others of its kind at once. */
export interface Groupable {
  /** What no two under way may have in common. */
  readonly keys: readonly string[]
  /** Roughly its length on the wire. */
  readonly size: number
}

/** How it is done. */
export interface GroupWork<T extends Groupable, R> {
  alone(item: T): Promise<R>
  /** One answer for each, in their order, which may still be on its way. */
  together(items: readonly T[]): Promise<readonly (R | Promise<R>)[]>
  /** Whether after this error of several nothing of them was done, so that each can be tried alone. */
  divides(error: unknown): boolean
}

interface Waiting<T, R> {
  readonly item: T
  readonly resolve: (result: R | Promise<R>) => void
  readonly reject: (error: unknown) => void
}

/** Something that is under way, and for how many beats. */
interface Run {
  readonly begun: number
  readonly items: number
  beats: number
}

/** How many go together at most, and of which size. */
const MOST = 256
const LARGEST = 1_000_000
/** Who is under way for more than one whole beat is slow. */
const BEAT_MS = 50

/**
 * Adaptive groups: what is asked for while nothing is under way goes alone and at once; what is asked for while `width`
 * are under way waits for one of them to end, and goes with all others that wait. So one caller after the other finds the
 * store as fast as ever, and many at once share round trips and flushes. Of very many, half go while half are under way.
 *
 * What waits for a lock of somebody else may do so for long, and that somebody for what is behind it here. So nobody waits
 * for what is slow, and a group that fails is tried one by one beside the rest.
 */
export class Grouping<T extends Groupable, R> {
  readonly #work: GroupWork<T, R>
  readonly #width: number
  readonly #beat = new Beat(BEAT_MS, () => this.#overtake())
  readonly #pace = new Pace()
  /** Keys of all that is under way, slow or not. */
  readonly #busy = new Set<string>()
  /** What is under way and waited for. */
  readonly #runs = new Set<Run>()
  /** How many things they are. */
  #count = 0
  #waiting: Waiting<T, R>[] = []
  #settling = false

  constructor(work: GroupWork<T, R>, width: number) {
    this.#work = work
    this.#width = width
  }

  do(item: T): Promise<R> {
    const atOnce = this.#runs.size < this.#width && !this.#settling && this.#waiting.length === 0
    if (atOnce && this.#isFree(item)) return this.#alone(item)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      this.#beat.start()
      if (this.#runs.size < this.#width) this.#next()
      // There may be more of it in this tick.
      else if (this.#isHalved()) this.#settle()
    })
  }

  async #alone(item: T): Promise<R> {
    const run = this.#begin(1)
    this.#hold(item)
    try {
      return await this.#work.alone(item)
    } finally {
      this.#release(item)
      this.#end(run)
    }
  }

  async #together(group: readonly Waiting<T, R>[]): Promise<void> {
    const run = this.#begin(group.length)
    const items = group.map((it) => it.item)
    items.forEach((it) => this.#hold(it))
    try {
      const results = await this.#work.together(items)
      group.forEach((it, i) => it.resolve(results[i] as R | Promise<R>))
      items.forEach((it) => this.#release(it))
    } catch (error) {
      this.#fail(group, error)
    }
    this.#settle()
    this.#end(run)
  }

  #fail(group: readonly Waiting<T, R>[], error: unknown): void {
    let reason = error
    try {
      if (this.#work.divides(error)) return group.forEach((it) => void this.#apart(it))
    } catch (bug) {
      reason = bug
    }
    group.forEach((it) => it.reject(reason))
    group.forEach((it) => this.#release(it.item))
  }

  /** Beside what is under way: what made its group fail may hold it up, and must not hold up others. */
  async #apart({ item, resolve, reject }: Waiting<T, R>): Promise<void> {
    try {
      resolve(await this.#work.alone(item))
    } catch (error) {
      reject(error)
    }
    this.#release(item)
    this.#next()
  }

  #begin(items: number): Run {
    const run = { begun: this.#pace.begin(), items, beats: 0 }
    this.#runs.add(run)
    this.#count += items
    return run
  }

  #end(run: Run): void {
    this.#pace.ended(run.begun)
    this.#leave(run)
    if (this.#waiting.length > 0) this.#settle()
  }

  /** It is waited for no longer. */
  #leave(run: Run): void {
    if (this.#runs.delete(run)) this.#count -= run.items
  }

  #overtake(): boolean {
    for (const run of this.#runs) {
      if (++run.beats > 1) this.#leave(run)
    }
    this.#next()
    return this.#waiting.length > 0
  }

  /**
   * Who has just been answered often asks again at once. The next tick comes when all of them have got as far as they can
   * without waiting, so what they ask for then goes together.
   */
  #settle(): void {
    if (this.#settling) return
    this.#settling = true
    process.nextTick(() => {
      this.#settling = false
      this.#next()
    })
  }

  #next(): void {
    while (!this.#settling && this.#waiting.length > 0) {
      const halved = this.#isHalved()
      if (this.#runs.size >= Math.max(this.#width, halved ? 2 : 1)) return
      const group = this.#take(halved ? Math.min(MOST, Math.ceil(this.#all / 2)) : MOST)
      const [first, second] = group
      if (first === undefined) return
      if (second === undefined) first.resolve(this.#alone(first.item))
      else void this.#together(group)
    }
  }

  /** The first that wait, but for those that would meet one of the same key, or pass it. */
  #take(most: number): Waiting<T, R>[] {
    const group: Waiting<T, R>[] = []
    const left: Waiting<T, R>[] = []
    const keys = new Set<string>()
    let size = 0
    for (const it of this.#waiting) {
      const fits = group.length < most && (size === 0 || size + it.item.size <= LARGEST)
      if (fits && this.#isFree(it.item) && !it.item.keys.some((key) => keys.has(key))) {
        size += it.item.size
        group.push(it)
      } else left.push(it)
      for (const key of it.item.keys) keys.add(key)
    }
    this.#waiting = left
    return group
  }

  /** What is under way or waits. */
  get #all(): number {
    return this.#count + this.#waiting.length
  }

  #isHalved(): boolean {
    return this.#pace.halves(this.#all)
  }

  #isFree({ keys }: T): boolean {
    return !keys.some((key) => this.#busy.has(key))
  }

  #hold({ keys }: T): void {
    for (const key of keys) this.#busy.add(key)
  }

  #release({ keys }: T): void {
    for (const key of keys) this.#busy.delete(key)
  }
}
