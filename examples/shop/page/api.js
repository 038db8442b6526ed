import { inWords } from './words.js'

/** An answer that was no yes; its message is for the person before the screen. */
export class Refused extends Error {}

// Handed back with every question, so that no list is older than what was last done here.
let token

/** Asks for a list. */
export async function ask(path) {
  return await call(path, { headers: token ? { 'dure-token': token } : {} })
}

/** Tells the shop to do something; told twice under the same key, it is done once. */
export async function tell(path, body = {}, key = crypto.randomUUID()) {
  return await call(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': key,
      ...(token && { 'dure-token': token }),
    },
    body: JSON.stringify(body),
  })
}

async function call(path, options) {
  const response = await fetch(path, { ...options, signal: AbortSignal.timeout(10_000) })
  token = response.headers.get('dure-token') || token
  const answer = await response.json()
  if (!response.ok) throw new Refused(inWords(answer))
  return answer
}
