import { fault } from '../kernel/errors/fault.ts'
import type { Presented, Unverified } from './identity.ts'
import { refused } from './refusal.ts'

/** Longest token that is looked at, in bytes. */
const MAX_TOKEN = 8192

/**
 * The token of the header `authorization`, the only place where one is looked for: what stands in a URL ends up in logs.
 * @throws DURE_HTTP_HEADER where the header came twice, DURE_CREDENTIALS_REFUSED where it is something else
 */
export function bearerOf({ headers, rawHeaders }: Presented): string | undefined {
  const { authorization } = headers
  if (authorization === undefined) return undefined
  // Node takes the first of several, a proxy before it may have looked at the last.
  mustBeOnce(rawHeaders, 'authorization')
  const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization) ?? []
  if (token === undefined) throw refused('the header authorization has no bearer token')
  if (token.length > MAX_TOKEN) throw refused(`the token is longer than ${MAX_TOKEN} bytes`)
  return token
}

/** @throws DURE_HTTP_HEADER */
export function mustBeOnce(rawHeaders: readonly string[], header: string): void {
  let found = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === header) found += 1
  }
  if (found > 1) throw fault('DURE_HTTP_HEADER', { header, reason: 'it came twice' })
}

/** What a token says of itself. @throws DURE_CREDENTIALS_REFUSED where it is no JWT */
export function unverified(token: string): Unverified {
  const parts = token.split('.')
  const [header, payload] = parts.length === 3 ? parts.slice(0, 2).map(objectIn) : []
  if (header === undefined || payload === undefined) throw refused('the token is no signed JWT')
  return { issuer: payload['iss'], type: header['typ'] }
}

function objectIn(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const it: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof it === 'object' && it !== null ? (it as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}
