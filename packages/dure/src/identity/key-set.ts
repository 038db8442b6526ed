import type { JSONWebKeySet, JWK, JWTVerifyGetKey } from 'jose'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import { fetchJson, isProblem, problem } from './fetch-json.ts'
import type { Jose } from './load-jose.ts'
import { refused } from './refusal.ts'

/** How long keys are believed, in milliseconds. */
export interface KeyTimes {
  /** After so long they are fetched again, beside the requests: 10 minutes. */
  readonly freshMs: number
  /** So long they go on where the issuer does not answer: 24 hours. */
  readonly staleMs: number
  /** Between two fetches, at least, whatever tokens ask for: 30 seconds. */
  readonly coolDownMs: number
}

export const keyTimes: KeyTimes = { freshMs: 600_000, staleMs: 86_400_000, coolDownMs: 30_000 }

interface Keys {
  readonly find: JWTVerifyGetKey
  readonly at: number
}

type Find = Parameters<JWTVerifyGetKey>

/**
 * The public keys of an issuer, kept and followed. A token that names an unknown key makes them be fetched again, not more
 * often than the cool-down lets it: anybody can name unknown keys. While the issuer is away, those that are known go on.
 */
export class KeySet {
  readonly #issuer: string
  readonly #locate: () => Promise<string>
  readonly #world: World
  readonly #jose: Jose
  readonly #times: KeyTimes
  #keys: Keys | undefined
  #tried = -Infinity
  #problem = ''
  #fetching: Promise<void> | undefined

  /** `locate` finds the address of the keys, each time they are fetched. */
  constructor(issuer: string, locate: () => Promise<string>, world: World, jose: Jose, times: KeyTimes) {
    this.#issuer = issuer
    this.#locate = locate
    this.#world = world
    this.#jose = jose
    this.#times = times
  }

  /** @throws DURE_IDENTITY_UNAVAILABLE, DURE_CREDENTIALS_REFUSED where the issuer has no such key */
  async find(...asked: Find): Promise<Awaited<ReturnType<JWTVerifyGetKey>>> {
    const keys = await this.#current()
    try {
      return await keys.find(...asked)
    } catch (error) {
      if (!(error instanceof this.#jose.errors.JWKSNoMatchingKey)) throw error
    }
    const newer = await this.#newer(keys)
    try {
      return await newer.find(...asked)
    } catch (error) {
      if (!(error instanceof this.#jose.errors.JWKSNoMatchingKey)) throw error
      // While the issuer is away nobody knows whether it has such a key by now.
      if (this.#problem !== '') throw this.#unavailable()
      throw refused('the token is signed by no key of its issuer')
    }
  }

  /** Fetches the keys ahead of the first token; the issuer may be away. */
  async warm(): Promise<void> {
    await this.#fetch()
  }

  async #current(): Promise<Keys> {
    const now = this.#now()
    const age = this.#keys === undefined ? Infinity : now - this.#keys.at
    if (this.#keys !== undefined && age <= this.#times.freshMs) return this.#keys
    if (this.#keys !== undefined && age <= this.#times.staleMs) {
      if (this.#mayFetch()) void this.#fetch()
      return this.#keys
    }
    if (this.#fetching !== undefined || this.#mayFetch()) await this.#fetch()
    const fetched = this.#keys
    if (fetched === undefined || this.#now() - fetched.at > this.#times.staleMs) throw this.#unavailable()
    return fetched
  }

  async #newer(than: Keys): Promise<Keys> {
    if (this.#keys === than && (this.#fetching !== undefined || this.#mayFetch())) await this.#fetch()
    return this.#keys ?? than
  }

  #mayFetch(): boolean {
    return this.#now() - this.#tried >= this.#times.coolDownMs
  }

  // One fetch for all that wait for it.
  #fetch(): Promise<void> {
    return (this.#fetching ??= this.#fetchOnce().finally(() => (this.#fetching = undefined)))
  }

  async #fetchOnce(): Promise<void> {
    this.#tried = this.#now()
    try {
      const url = await this.#locate()
      const keys = publicKeys(await fetchJson(url, this.#world), url)
      this.#keys = { find: this.#jose.createLocalJWKSet(keys), at: this.#now() }
      this.#problem = ''
    } catch (error) {
      this.#problem = isProblem(error) ? error.problem : String(error)
    }
  }

  #unavailable(): Error {
    const reason = this.#problem || 'they were not fetched yet'
    return fault('DURE_IDENTITY_UNAVAILABLE', { issuer: this.#issuer, reason })
  }

  #now(): number {
    return this.#world.now().getTime()
  }
}

// A symmetric key in a public document is known to everybody; whoever signs with it is nobody in particular.
function publicKeys(document: unknown, url: string): JSONWebKeySet {
  const { keys } = (document ?? {}) as { readonly keys?: unknown }
  if (!Array.isArray(keys)) throw problem(url, 'it is no set of keys')
  const usable = (keys as JWK[]).filter(
    (it) =>
      typeof it === 'object' &&
      it !== null &&
      (it.kty === 'RSA' || it.kty === 'EC' || it.kty === 'OKP') &&
      (it.use === undefined || it.use === 'sig'),
  )
  if (usable.length === 0) throw problem(url, 'it has no public key for signatures')
  return { keys: usable.map(publicPart) }
}

// Where an issuer publishes a private key by mistake, this process has no use for it.
function publicPart(key: JWK): JWK {
  const { kty, kid, alg, use, n, e, crv, x, y } = key
  return Object.fromEntries(
    Object.entries({ kty, kid, alg, use, n, e, crv, x, y }).filter(([, it]) => it !== undefined),
  ) as JWK
}
