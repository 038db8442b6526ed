import { setTimeout as pause } from 'node:timers/promises'
import type { Violation } from '../audit/violation.ts'
import { Chance } from '../chance.ts'
import type { Note } from '../model/orders.ts'
import { Gate } from './gate.ts'
import type { SentCommand } from './record.ts'
import { send } from './send.ts'

export interface LoadOptions {
  readonly seed: number
  readonly lanes: number
  /** On average, between two commands of a lane. */
  readonly thinkMs: number
  /** Where workers of Orders listen. */
  readonly urls: readonly [string, ...string[]]
  readonly accounts: readonly [string, ...string[]]
}

type Wish = Pick<
  SentCommand,
  'mark' | 'lane' | 'kind' | 'order' | 'account' | 'name' | 'amount' | 'note' | 'doomed'
>

const recent = 12

/** Clients that send commands one after the other, each until it is answered, as a right client does. */
export class Load {
  readonly #it: LoadOptions
  readonly #gate = new Gate()
  readonly #lanes: Promise<void>[] = []
  /** By lane: orders that it placed. */
  readonly #orders = new Map<string, string[]>()
  readonly #wrong: Violation[] = []
  readonly #doubts = new Map<string, number>()
  #first: readonly string[] = []
  #stopped = false
  #gaveUp = false
  readonly sent: SentCommand[] = []

  constructor(options: LoadOptions) {
    this.#it = options
  }

  /** Answers that no right system gives. */
  get wrong(): readonly Violation[] {
    return this.#wrong
  }

  /** Why commands had to be sent again, and how often. */
  get doubts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#doubts].toSorted((a, b) => b[1] - a[1]))
  }

  get answered(): number {
    return this.sent.reduce((count, it) => count + (it.answer === undefined ? 0 : 1), 0)
  }

  /** Each lane begins with an order, which all lanes may add to from then on. */
  async start(): Promise<void> {
    const names = Array.from({ length: this.#it.lanes }, (_, i) => `lane-${i + 1}`)
    await Promise.all(names.map(async (lane) => this.#carryOut(this.#placing(lane, 0, `${lane}-0`))))
    this.#first = names.map((lane) => this.#orders.get(lane)?.[0] ?? '')
    for (const lane of names) this.#lanes.push(this.#lane(lane))
  }

  /** Resolves when nothing is in doubt; nothing more is sent until `release`. */
  hold(): Promise<void> {
    return this.#gate.close()
  }

  release(): void {
    this.#gate.open()
  }

  /** Sends commands that the restore will take back: onto orders that are there, and onto new ones. */
  async doomed(count: number): Promise<void> {
    const chance = new Chance(this.#it.seed, 'doomed')
    const there = [...this.#orders.values()].flat()
    const lane = 'doomed'
    const wishes = Array.from({ length: count }, (_, i): Wish => {
      const order = i % 10 === 9 ? undefined : there[chance.whole(0, there.length - 1)]
      const some = {
        mark: `doomed-${i}`,
        lane,
        note: 'fine' as const,
        amount: chance.whole(1, 99),
        doomed: true,
      }
      return order === undefined
        ? { ...some, kind: 'place', order, account: chance.pick(this.#it.accounts), name: `doomed-${i}` }
        : { ...some, kind: 'line', order, account: undefined, name: undefined }
    })
    const work = async (): Promise<void> => {
      for (let wish = wishes.shift(); wish !== undefined; wish = wishes.shift()) {
        await this.#carryOut(wish)
      }
    }
    await Promise.all(Array.from({ length: 8 }, work))
  }

  /** Sends nothing new; resolves when all is answered, to false if that takes too long. */
  async finish(withinMs: number): Promise<boolean> {
    this.#stopped = true
    this.#gate.open()
    const over = new AbortController()
    const late = pause(withinMs, false, { signal: over.signal }).catch(() => false)
    const done = await Promise.race([Promise.all(this.#lanes).then(() => true), late])
    over.abort()
    this.#gaveUp = true
    return done
  }

  async #lane(name: string): Promise<void> {
    const chance = new Chance(this.#it.seed, name)
    for (let n = 1; !this.#stopped; n++) {
      await pause(this.#it.thinkMs * 2 * chance.next())
      const wish = this.#wishOf(name, n, chance)
      await this.#gate.pass(() => (this.#stopped ? Promise.resolve() : this.#carryOut(wish)))
    }
  }

  #placing(lane: string, n: number, name: string): Wish {
    const account = new Chance(this.#it.seed, `${lane}-${n}`).pick(this.#it.accounts)
    const common = { mark: `${lane}-${n}`, lane, amount: 0, note: 'fine', doomed: false } as const
    return { ...common, kind: 'place', order: undefined, account, name }
  }

  // Thrown in the same number whatever comes of it, so that a lane wants the same in every run of a seed.
  #wishOf(lane: string, n: number, chance: Chance): Wish {
    const [where, who, which, odd] = [chance.next(), chance.next(), chance.next(), chance.next()]
    const amount = chance.whole(1, 99)
    // Some names are wanted by several lanes, and one of them gets it.
    if (which < 0.02) return this.#placing(lane, n, `wanted-${Math.floor(n / 40)}`)
    if (which < 0.08) return this.#placing(lane, n, `${lane}-${n}`)
    const own = this.#orders.get(lane) ?? []
    const from = where < 0.3 ? this.#first : own.slice(-recent)
    const order = from[Math.floor(who * from.length)] as string
    const kind = which > 0.9 ? 'slow-line' : 'line'
    // Never on the orders that lanes share, so that most of them stay in flow.
    const isPoison = odd < 0.01 && !this.#first.includes(order)
    const note: Note = isPoison ? (n % 2 === 0 ? 'unpackable' : 'unbookable') : 'fine'
    return {
      mark: `${lane}-${n}`,
      lane,
      amount,
      doomed: false,
      kind,
      order,
      account: undefined,
      name: undefined,
      note,
    }
  }

  async #carryOut(wish: Wish): Promise<void> {
    const command: SentCommand = { ...wish, sentAt: Date.now(), tries: 0, answer: undefined }
    this.sent.push(command)
    const chance = new Chance(this.#it.seed, `${wish.mark} is sent`)
    const { mark, kind, order: id, account, name, amount, note } = command
    const [path, body] =
      kind === 'place'
        ? ['/c/orders/placeOrder', { account, name, mark }]
        : kind === 'line'
          ? ['/c/orders/addLine', { id, mark, amount, note }]
          : ['/slow-line', { id, mark, amount, note, openMs: chance.whole(5, 120) }]
    while (!this.#gaveUp) {
      command.tries++
      const result = await send(chance.pick(this.#it.urls), path, body, mark)
      if (result.kind === 'answer') {
        command.answer = result.answer
        if (kind === 'place' && result.answer.ok) this.#placed(command, result.answer.id)
        return
      }
      if (result.kind === 'wrong') {
        const what = `${mark} (${kind}) was answered ${result.why}`
        this.#wrong.push({ check: 'answers', what, at: command.sentAt, about: [id ?? mark] })
        return
      }
      this.#doubts.set(result.why, (this.#doubts.get(result.why) ?? 0) + 1)
      await pause(Math.min(500, 20 * 2 ** command.tries))
    }
  }

  #placed(command: SentCommand, id: string): void {
    command.order = id
    if (command.doomed || command.name?.startsWith('wanted-')) return
    const own = this.#orders.get(command.lane)
    if (own === undefined) this.#orders.set(command.lane, [id])
    else own.push(id)
  }
}
