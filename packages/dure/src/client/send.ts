/** A request to the process of another context. */
export interface Outgoing {
  readonly context: string
  /** Below the URL of the process. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What came back, whole. */
export interface Incoming {
  readonly status: number
  /** Of the header `retry-after`, in seconds. */
  readonly retryAfter: string | undefined
  readonly text: string
}

/** A request that is on its way. */
export interface Sent {
  /** @throws NoAnswer */
  readonly answer: Promise<Incoming>
  /** Nobody waits for the answer any more. */
  abort(): void
}

/** Sends requests, each once. */
export type Send = (request: Outgoing) => Sent

/** There is no answer, or not all of it. */
export class NoAnswer {
  readonly reason: string
  /** Whether the callee had begun to answer. */
  readonly begun: boolean
  /** The answer is there, and cannot be read whoever asks again: it is larger than the limit. */
  readonly unreadable: boolean
  readonly cause: unknown

  constructor(reason: string, how: { begun: boolean; unreadable?: boolean; cause?: unknown }) {
    this.reason = reason
    this.begun = how.begun
    this.unreadable = how.unreadable ?? false
    this.cause = how.cause
  }
}
