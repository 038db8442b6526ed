import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { shop } from '../../src/system.ts'
import type { StartedShop } from '../running-shop.ts'
import { openFront } from './front.ts'
import type { Order, Said } from './messages.ts'

/** A process of the operating system that runs one context. */
class Replica {
  readonly context: string
  readonly #child: ChildProcess
  readonly #onError: (shop: string, error: string) => void
  readonly #open = new Map<number, PromiseWithResolvers<string>>()
  #asked = 0

  constructor(context: string, onError: (shop: string, error: string) => void) {
    this.context = context
    this.#onError = onError
    this.#child = fork(new URL('./process.ts', import.meta.url), {
      execArgv: ['--conditions=@dure/source'],
    })
    this.#child.on('message', (said: Said) => this.#hear(said))
    this.#child.on('exit', (code) => {
      for (const it of this.#open.values()) it.reject(new Error(`${context} ended with ${code}`))
    })
  }

  ask(order: Order): Promise<string> {
    const id = ++this.#asked
    const answer = Promise.withResolvers<string>()
    this.#open.set(id, answer)
    this.#child.send({ id, order })
    return answer.promise
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }

  get lives(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  async end(): Promise<void> {
    if (!this.lives) return
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    await ended
  }

  #hear(said: Said): void {
    if ('shop' in said) return this.#onError(said.shop, said.error)
    const open = this.#open.get(said.id)
    this.#open.delete(said.id)
    if ('failed' in said) open?.reject(new Error(`in ${this.context}: ${said.failed}`))
    else open?.resolve(said.answer)
  }
}

/** Shops whose contexts run in processes of their own, so many of each. */
export interface SplitShops {
  /** Resolves when all processes have loaded what they run. */
  ready(): Promise<void>
  start(): Promise<StartedShop>
  /** Kills one process of each context; the others go on. */
  killOneOfEach(): Promise<void>
  end(): Promise<void>
}

export function splitShops(replicasOfEach: number): SplitShops {
  const errors = new Map<string, string[]>()
  const onError = (name: string, error: string): void => void errors.get(name)?.push(error)
  const all = shop.contexts.flatMap((it) =>
    Array.from({ length: replicasOfEach }, () => new Replica(it.name, onError)),
  )
  return {
    async ready() {
      await Promise.all(all.map((it) => it.ask({ do: 'answer' })))
    },
    async start() {
      const name = `t${randomUUID().slice(0, 8)}`
      const said: string[] = []
      errors.set(name, said)
      const front = await openFront()
      await Promise.all(
        all.map(async ({ context }, i) => {
          const asked = (all[i] as Replica).ask({ do: 'open', shop: name, context, front: front.url })
          front.add(context, Number(await asked))
        }),
      )
      const any = (): Replica => all.find((it) => it.lives) as Replica
      const settled = async (): Promise<void> => void (await any().ask({ do: 'settle', shop: name }))
      const refill = async (): Promise<void> => void (await any().ask({ do: 'fill', shop: name }))
      await refill()
      await settled()
      return {
        url: front.url,
        settled,
        refill,
        errors: said,
        async [Symbol.asyncDispose]() {
          const living = all.filter((it) => it.lives)
          await Promise.all(living.map((it) => it.ask({ do: 'close', shop: name })))
          await front.close()
        },
      }
    },
    async killOneOfEach() {
      const first = shop.contexts.map(({ name }) => all.find((it) => it.context === name) as Replica)
      await Promise.all(first.map((it) => it.kill()))
    },
    async end() {
      await Promise.all(all.map((it) => it.end()))
    },
  }
}
