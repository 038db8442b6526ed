import type { Program } from '../program.ts'

/** Between the end of a process and its next start, in milliseconds: ever longer, until one has lived for a while. */
const [shortest, longest, settledMs] = [250, 10_000, 10_000]

export interface MemberOptions {
  readonly name: string
  readonly start: () => Program
  readonly say: (text: string) => void
}

/** The process of one context: started again when it ends unasked. */
export class Member {
  readonly #it: MemberOptions
  #program: Program | undefined
  #stopping = false
  #wake: () => void = () => undefined
  readonly #kept: Promise<void>

  constructor(options: MemberOptions) {
    this.#it = options
    this.#kept = this.#keep()
  }

  async #keep(): Promise<void> {
    for (let pauseMs = shortest; !this.#stopping;) {
      const began = performance.now()
      const program = (this.#program = this.#it.start())
      const { code, signal } = await program.ended
      if (this.#stopping) return
      pauseMs = performance.now() - began > settledMs ? shortest : Math.min(longest, pauseMs * 2)
      const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`
      this.#it.say(`${this.#it.name} ${how}; starting it again in ${pauseMs / 1000} s`)
      await this.#pause(pauseMs)
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#wake()
    await this.#program?.stop(() => this.#it.say(`${this.#it.name} does not stop; killed`))
    await this.#kept
  }

  kill(): void {
    this.#stopping = true
    this.#program?.kill()
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
