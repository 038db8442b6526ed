import type { Answer } from './record.ts'

const patienceMs = 8000

/** What one try came to: an answer, no answer yet, or one that no right system gives. */
export type Try =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'doubt'; readonly why: string }
  | { readonly kind: 'wrong'; readonly why: string }

/** Sends a command once. */
export async function send(url: string, path: string, body: object, key: string): Promise<Try> {
  let status: number
  let answer: Record<string, unknown>
  try {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    })
    status = response.status
    answer = (await response.json()) as Record<string, unknown>
  } catch (error) {
    return { kind: 'doubt', why: reasonOf(error) }
  }
  const { id, version, code, rejected } = answer
  if (status === 200 || status === 201) {
    const fits = typeof id === 'string' && typeof version === 'number'
    return fits
      ? { kind: 'answer', answer: { ok: true, id, version } }
      : { kind: 'wrong', why: `${status} ${JSON.stringify(answer)}` }
  }
  if (status === 422 && typeof rejected === 'string') {
    return { kind: 'answer', answer: { ok: false, rejected } }
  }
  const why = `${status} ${String(code)}`
  if (status >= 500 || status === 408 || status === 409) return { kind: 'doubt', why }
  return { kind: 'wrong', why: `${why} ${String(answer['detail'])}` }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.name
}
