import { NoAnswer, type Incoming, type Outgoing, type Send } from './send.ts'

/** What is taken of `fetch`. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>

interface FetchInit {
  readonly method: 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
  readonly redirect: 'error'
}

interface FetchResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
}

/** Sends by `fetch`, as browsers have it. */
export function fetchSend(base: string, fetch: Fetch): Send {
  return (request) => {
    const over = new AbortController()
    return { answer: exchange(base, fetch, request, over.signal), abort: () => over.abort() }
  }
}

async function exchange(
  base: string,
  fetch: Fetch,
  request: Outgoing,
  signal: AbortSignal,
): Promise<Incoming> {
  const { path, headers, body } = request
  let begun = false
  try {
    const answer = await fetch(base + path, { method: 'POST', headers, body, signal, redirect: 'error' })
    begun = true
    const retryAfter = answer.headers.get('retry-after') ?? undefined
    return { status: answer.status, retryAfter, text: await answer.text() }
  } catch (error) {
    throw new NoAnswer(error instanceof Error ? error.message : String(error), { begun, cause: error })
  }
}
