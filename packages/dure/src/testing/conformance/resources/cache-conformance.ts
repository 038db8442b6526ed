import assert from 'node:assert/strict'
import { instant } from '../../../domain/fields/codecs.ts'
import { oneOf } from '../../../domain/fields/one-of.ts'
import type { OutputOf } from '../../../domain/fields/field.ts'
import { optional } from '../../../domain/fields/optional.ts'
import type { Cache } from '../../../model/attached/clients.ts'
import {
  fresh,
  refused,
  registerCases,
  type Register,
  type ResourceCase,
  type ResourceHarness,
} from './resource-cases.ts'

/** What the cases put into a cache: declare it with these. */
export const cachedFields = { unit: oneOf('KRW', 'USD'), at: instant(), note: optional(oneOf('é한\n"', '')) }

type Cached = OutputOf<typeof cachedFields>

const at = new Date('2026-03-01T10:00:00.123Z')
const won: Cached = { unit: 'KRW', at, note: 'é한\n"' }
const dollar: Cached = { unit: 'USD', at }
const minute = { ttlMs: 60_000 }

/** Everything that a cache promises, one case each. */
export const cacheCases: readonly ResourceCase<Cache<Cached>>[] = [
  {
    name: 'what was set is there, as the values that it was, and what was not is not',
    async run(cache) {
      const key = fresh('key')
      assert.equal(await cache.get(key), undefined)
      await cache.set(key, won, minute)
      assert.deepEqual(await cache.get(key), won)
      await cache.set(key, dollar, minute)
      assert.deepEqual(await cache.get(key), dollar)
      assert.equal(await cache.get(`${key}x`), undefined)
    },
  },
  {
    name: 'what was deleted is gone, also twice',
    async run(cache) {
      const key = fresh('key')
      await cache.set(key, won, minute)
      await cache.delete(key)
      await cache.delete(key)
      assert.equal(await cache.get(key), undefined)
    },
  },
  {
    name: 'what has lived its time is gone, and setting it anew gives it a new time',
    async run(cache) {
      const [short, renewed] = [fresh('short'), fresh('renewed')]
      await cache.set(short, won, { ttlMs: 30 })
      await cache.set(renewed, won, { ttlMs: 30 })
      await cache.set(renewed, won, minute)
      await new Promise((resolve) => setTimeout(resolve, 80))
      assert.equal(await cache.get(short), undefined)
      assert.deepEqual(await cache.get(renewed), won)
    },
  },
  {
    name: 'keys are any text, and are told apart',
    async run(cache) {
      const start = fresh('key')
      const keys = [' ', '한글', 'a:b', 'a\nb', '"', '*', 'x'.repeat(400)].map((it) => `${start}${it}`)
      for (const key of keys) await cache.set(key, key.endsWith('*') ? dollar : won, minute)
      const found = await Promise.all(keys.map((it) => cache.get(it)))
      assert.deepEqual(
        found,
        keys.map((it) => (it.endsWith('*') ? dollar : won)),
      )
    },
  },
  {
    name: 'through loads once and then has it',
    async run(cache) {
      const key = fresh('key')
      let loads = 0
      const load = async (): Promise<Cached> => (loads++, won)
      assert.deepEqual(await cache.through(key, minute, load), won)
      assert.deepEqual(await cache.through(key, minute, load), won)
      assert.equal(loads, 1)
      const failing = cache.through(fresh('other'), minute, () => Promise.reject(new RangeError('no')))
      await assert.rejects(failing, RangeError)
    },
  },
  {
    name: 'refuses what it cannot keep',
    async run(cache) {
      const wrong = 'DURE_RESOURCE_INPUT'
      await refused(cache.set('', won, minute), wrong)
      await refused(cache.get('x'.repeat(513)), wrong)
      for (const ttlMs of [0, -1, 0.5, NaN, Infinity]) await refused(cache.set('key', won, { ttlMs }), wrong)
      await refused(cache.set('key', { unit: 'EUR', at } as never, minute), wrong)
    },
  },
]

/** Registers every case: the cache is one of `cachedFields`. */
export function cacheConformance(harness: ResourceHarness<Cache<Cached>>, it: Register): void {
  registerCases(harness, cacheCases, it)
}
