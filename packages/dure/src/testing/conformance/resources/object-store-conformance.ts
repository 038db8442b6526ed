import assert from 'node:assert/strict'
import type { ObjectStore } from '../../../model/attached/clients.ts'
import {
  fresh,
  refused,
  registerCases,
  type Register,
  type ResourceCase,
  type ResourceHarness,
} from './resource-cases.ts'

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString()

/** Everything that an object store promises, one case each. */
export const objectStoreCases: readonly ResourceCase<ObjectStore>[] = [
  {
    name: 'what was put is there, byte for byte, with its type',
    async run(store) {
      const folder = fresh('put')
      const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256)
      await store.put(`${folder}/bytes`, bytes, { type: 'image/png' })
      await store.put(`${folder}/text`, '한글 é', { type: 'text/plain; charset=utf-8' })
      await store.put(`${folder}/empty`, '')
      const found = await store.get(`${folder}/bytes`)
      assert.equal(found?.type, 'image/png')
      assert.ok(Buffer.from(bytes).equals(found.bytes))
      assert.equal(text((await store.get(`${folder}/text`))?.bytes), '한글 é')
      assert.deepEqual(await store.get(`${folder}/empty`), {
        bytes: new Uint8Array(),
        type: 'application/octet-stream',
      })
      assert.equal(await store.get(`${folder}/none`), undefined)
    },
  },
  {
    name: 'what is put again replaces what was there, and what was handed out stays as it was',
    async run(store) {
      const key = fresh('again')
      const bytes = Buffer.from('one')
      await store.put(key, bytes)
      const first = await store.get(key)
      bytes.fill(0)
      await store.put(key, 'other', { type: 'text/plain' })
      assert.equal(text(first?.bytes), 'one')
      assert.deepEqual(await store.get(key), {
        bytes: new Uint8Array(Buffer.from('other')),
        type: 'text/plain',
      })
    },
  },
  {
    name: 'what was deleted is gone, also twice',
    async run(store) {
      const key = fresh('deleted')
      await store.put(key, 'x')
      await store.delete(key)
      await store.delete(key)
      assert.equal(await store.get(key), undefined)
    },
  },
  {
    name: 'keys of any characters are found, and listed in order of their bytes by how they begin',
    async run(store) {
      const folder = fresh('list')
      const names = [
        'b',
        'a b',
        'a+b',
        'a&<>b',
        '한글',
        'é',
        "q'(!)*~",
        'sub/one',
        'sub/two',
        'B',
        '100%',
        '?x=1#y',
      ]
      const keys = names.map((it) => `${folder}/${it}`)
      for (const key of keys) await store.put(key, key)
      for (const key of keys) assert.equal(text((await store.get(key))?.bytes), key)
      const inOrder = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      assert.deepEqual(await store.list(`${folder}/`), inOrder)
      assert.deepEqual(await store.list(`${folder}/sub/`), [`${folder}/sub/one`, `${folder}/sub/two`])
      assert.deepEqual(await store.list(`${folder}/`, { limit: 3 }), inOrder.slice(0, 3))
      assert.deepEqual(await store.list(`${folder}/nothing`), [])
    },
  },
  {
    name: 'a URL lets anybody get the object',
    async run(store) {
      const key = `${fresh('url')}/a b+é.txt`
      await store.put(key, 'for anybody', { type: 'text/plain' })
      const answer = await fetch(await store.urlFor(key, { expiresMs: 60_000 }))
      assert.equal(answer.headers.get('content-type'), 'text/plain')
      assert.equal(await answer.text(), 'for anybody')
    },
  },
  {
    name: 'refuses keys that lead elsewhere, and times that it cannot promise',
    async run(store) {
      const wrong = 'DURE_RESOURCE_INPUT'
      for (const key of [
        '',
        '/a',
        'a/',
        'a//b',
        '../a',
        'a/./b',
        'a/..',
        'a\0b',
        'x'.repeat(1025),
        '\ud800',
      ]) {
        await refused(store.put(key, 'x'), wrong)
        await refused(store.get(key), wrong)
      }
      for (const expiresMs of [0, -1, NaN, 604_800_001]) {
        await refused(store.urlFor('a', { expiresMs }), wrong)
      }
    },
  },
]

/** Registers every case; the store may hold other objects. */
export function objectStoreConformance(harness: ResourceHarness<ObjectStore>, it: Register): void {
  registerCases(harness, objectStoreCases, it)
}
