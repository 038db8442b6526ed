import { join } from 'node:path'
import { placeOf, root, type Fence } from './markdown.ts'
import { requestsIn } from './requests.ts'
import type { Scratch, Served } from './scratch.ts'

// In place of `npm run dev`: the same system, its data in memory.
const boot = `
import { run } from 'dure/run'
import { memoryStorage } from 'dure/memory'
import { school } from './src/system.ts'
await run(school, { storage: memoryStorage() })
`

const cli = join(root, 'packages/dure/src/cli/main.ts')

/** What a line of the tutorial printed, or a request was answered with. */
export interface Step {
  readonly at: string
  readonly line: string
  readonly said: unknown
  /** What the page says it is answered with. */
  readonly expected?: unknown
}

/** Does all that the tutorial tells its reader to do, in a folder of its own. */
export class WalkThrough {
  readonly #scratch: Scratch
  readonly steps: Step[] = []
  #served: Served | undefined
  #changed = false

  constructor(scratch: Scratch) {
    this.#scratch = scratch
    scratch.write('boot.ts', boot)
  }

  async follow(fences: readonly Fence[]): Promise<void> {
    try {
      for (const fence of fences) await this.#one(fence)
    } finally {
      await this.#served?.stop()
    }
  }

  async #one(fence: Fence): Promise<void> {
    const { marks, language, text } = fence
    const title = marks.get('title')
    if (title !== undefined) {
      this.#scratch.write(title, text)
      this.#changed = true
    } else if (marks.has('tutorial')) {
      for (const line of text.split('\n')) {
        this.steps.push({ at: placeOf(fence), line, said: await this.#perform(line) })
      }
    } else if (language === 'json') {
      const last = this.steps.pop()
      if (last === undefined) throw new Error(`${placeOf(fence)} is no answer to anything`)
      this.steps.push({ ...last, at: placeOf(fence), expected: JSON.parse(text) as unknown })
    }
  }

  #perform(line: string): Promise<unknown> {
    switch (line) {
      case 'npm test':
        return this.#scratch.node('--test')
      case 'npm run check':
        return this.#scratch.node(cli, 'check')
      case 'npm run types':
        return this.#scratch.typeCheck()
      case 'npm run dev':
        return this.#start()
      default:
        return this.#request(line)
    }
  }

  async #start(): Promise<string> {
    await this.#served?.stop()
    this.#served = await this.#scratch.serve('boot.ts')
    this.#changed = false
    return this.#served.url
  }

  async #request(line: string): Promise<unknown> {
    const [request] = requestsIn(line)
    if (request === undefined) throw new Error(`the tests do not know: ${line}`)
    if (this.#changed) await this.#start()
    // A person types more slowly than a policy follows.
    for (let left = 40; ; left--) {
      const response = await fetch(`${this.#served?.url}${request.path}`, request.init)
      if (left === 0 || response.status !== 404) return response.json()
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
}
