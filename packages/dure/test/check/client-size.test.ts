import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { bundleOf } from '../fixtures/bundle.ts'

const src = join(import.meta.dirname, '../../src')

describe('what a browser loads', () => {
  test('the client is at most 8 KiB, minified, and needs nothing from outside', async () => {
    const { code, outside } = await bundleOf(`export { createClient } from '${src}/client/index.ts'`)
    expect(outside).toEqual([])
    expect(Buffer.byteLength(code)).toBeLessThanOrEqual(8 * 1024)
    expect(gzipSync(code).length).toBeLessThanOrEqual(4 * 1024)
  })

  test('a contract brings nothing of Node', async () => {
    const source = `
      import { contract, list, object, ref, instant } from '${src}/index.ts'
      export const Notes = contract('Notes', {
        commands: { write: { id: ref('Note'), at: instant() } },
        queries: { all: { in: {}, out: list(object({ id: ref('Note') })) } },
      })`
    const { code, outside } = await bundleOf(source, 'iife')
    expect(outside).toEqual([])
    // A context has the language and nothing else: neither `process` nor `Buffer`.
    expect(runInNewContext(`${code};made.Notes.queries.all.name`)).toBe('all')
  })
})
