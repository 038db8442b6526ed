import type { World } from '../kernel/world.ts'

const MAX_BYTES = 512 * 1024
const TIMEOUT_MS = 5000

/**
 * A JSON document of an issuer: by GET, without redirects, within 5 seconds, 512 KiB at most.
 * @throws a sentence about what went wrong
 */
export async function fetchJson(url: string, world: World): Promise<unknown> {
  const over = new AbortController()
  const cancel = world.after(TIMEOUT_MS, () => over.abort(), true)
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: over.signal,
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      return await Promise.reject(problem(url, `it answered ${response.status}`))
    }
    return JSON.parse(await textOf(response, url))
  } catch (error) {
    throw isProblem(error) ? error : problem(url, over.signal.aborted ? 'it takes too long' : reasonOf(error))
  } finally {
    cancel()
  }
}

/** Why a document could not be had. */
export interface FetchProblem {
  readonly problem: string
}

export function isProblem(it: unknown): it is FetchProblem {
  return typeof it === 'object' && it !== null && 'problem' in it
}

export function problem(url: string, what: string): FetchProblem {
  return { problem: `${url}: ${what}` }
}

async function textOf(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_BYTES) return Promise.reject(problem(url, `it is larger than ${MAX_BYTES} bytes`))
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as { readonly cause?: unknown; readonly message?: string }
  const { code } = (cause ?? {}) as { readonly code?: string }
  if (error instanceof SyntaxError) return 'it is not JSON'
  return code ?? (cause instanceof Error ? cause.message : (message ?? String(error)))
}
