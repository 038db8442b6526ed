import { asStored, asValue } from '../../domain/fields/codec.ts'
import type { Shape } from '../../domain/fields/shape.ts'
import type { Issue } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { Cache } from '../../model/attached/clients.ts'

/** Texts under keys for a time: what a cache stands on. */
export interface Entries {
  get(key: string): Promise<string | undefined>
  set(key: string, text: string, ttlMs: number): Promise<void>
  delete(key: string): Promise<void>
}

const LONGEST_KEY = 512

/** A cache of values of one shape on texts. */
export function cacheOn(name: string, shape: Shape, entries: Entries): Cache<object> {
  const cache: Cache<object> = {
    async get(key) {
      const text = await entries.get(checkKey(name, key))
      return text === undefined ? undefined : readEntry(shape, text)
    },
    async set(key, value, { ttlMs }) {
      checkKey(name, key)
      if (!Number.isInteger(ttlMs) || ttlMs < 1)
        throw wrong(name, `ttlMs is ${ttlMs}, no whole number from 1`)
      await entries.set(key, writeEntry(name, shape, value), ttlMs)
    },
    async delete(key) {
      await entries.delete(checkKey(name, key))
    },
    async through(key, options, load) {
      const known = await cache.get(key).catch(unlessMisused)
      if (known !== undefined) return known
      const value = await load()
      await cache.set(key, value, options).catch(unlessMisused)
      return value
    },
  }
  return cache
}

// What was written by another release may have another shape: then nothing is there.
function readEntry(shape: Shape, text: string): object | undefined {
  try {
    const issues: Issue[] = []
    const value = shape.parse(JSON.parse(text), issues, asStored)
    return issues.length === 0 ? value : undefined
  } catch {
    return undefined
  }
}

function writeEntry(name: string, shape: Shape, value: object): string {
  const issues: Issue[] = []
  const values = shape.parse(value, issues, asValue)
  const [first] = issues
  if (first !== undefined) throw wrong(name, `${first.path || '/'} ${first.message}`)
  return JSON.stringify(shape.encode(values))
}

function checkKey(name: string, key: string): string {
  if (typeof key === 'string' && key !== '' && key.length <= LONGEST_KEY) return key
  throw wrong(name, `a key has 1 to ${LONGEST_KEY} characters`)
}

function wrong(resource: string, reason: string): Error {
  return fault('DURE_RESOURCE_INPUT', { resource, reason })
}

function unlessMisused(error: unknown): undefined {
  if ((error as { readonly kind?: string }).kind === 'misuse') throw error
  return undefined
}
