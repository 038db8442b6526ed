import type { Dispatcher, Pool } from 'undici'
import { NoAnswer, type Incoming, type Outgoing, type Sent } from '../client/send.ts'

/** Makes the connections to one process. */
export type Connect = () => Pool

type Controller = Dispatcher.DispatchController

/** The connections to the process of one context: kept open, used again, renewed when they are no longer trusted. */
export class TargetPool {
  readonly #connect: Connect
  readonly #path: string
  readonly #answerLimit: number
  #pool: Pool
  #answers = 0

  constructor(connect: Connect, path: string, answerLimit: number) {
    this.#connect = connect
    this.#path = path
    this.#answerLimit = answerLimit
    this.#pool = connect()
  }

  send({ path, headers, body }: Outgoing): Sent {
    const pool = this.#pool
    const before = this.#answers
    const exchange = new Exchange(this.#answerLimit, () => this.#answers++)
    pool.dispatch({ path: this.#path + path, method: 'POST', headers, body }, exchange)
    return {
      answer: exchange.answer,
      abort: () => {
        exchange.abort()
        // A network that was cut leaves connections that look open and lead nowhere; each would cost a call its whole time.
        if (!exchange.begun && this.#answers === before && pool === this.#pool) this.#renew(pool)
      },
    }
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  #renew(old: Pool): void {
    this.#pool = this.#connect()
    void old.close()
  }
}

/** One request on its way: collects the answer, no more of it than the limit. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<Incoming>
  begun = false
  readonly #limit: number
  readonly #onAnswer: () => void
  readonly #chunks: Buffer[] = []
  #resolve: (answer: Incoming) => void = () => undefined
  #reject: (why: NoAnswer) => void = () => undefined
  #controller: Controller | undefined
  #aborted = false
  #status = 0
  #retryAfter: string | undefined
  #size = 0

  constructor(limit: number, onAnswer: () => void) {
    this.#limit = limit
    this.#onAnswer = onAnswer
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  abort(): void {
    this.#aborted = true
    this.#controller?.abort(aborted)
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    if (this.#aborted) controller.abort(aborted)
  }

  onResponseStart(
    _: Controller,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.begun = true
    this.#onAnswer()
    this.#status = status
    const retryAfter = headers['retry-after']
    if (typeof retryAfter === 'string') this.#retryAfter = retryAfter
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size <= this.#limit) {
      this.#chunks.push(chunk)
      return
    }
    const reason = `it is larger than ${this.#limit} bytes`
    this.#reject(new NoAnswer(reason, { begun: true, unreadable: true }))
    controller.abort(aborted)
  }

  onResponseEnd(): void {
    const chunks = this.#chunks
    const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
    this.#resolve({ status: this.#status, retryAfter: this.#retryAfter, text: whole.toString('utf8') })
  }

  onResponseError(_: Controller, error: Error): void {
    const { code } = error as { readonly code?: unknown }
    const reason =
      typeof code === 'string' && !error.message.includes(code) ? `${error.message} (${code})` : error.message
    this.#reject(new NoAnswer(reason, { begun: this.begun, cause: error }))
  }
}

// One for all, since making an error costs more than the call that it would end.
const aborted = Object.assign(new DOMException('nobody waits for the answer', 'AbortError'))
