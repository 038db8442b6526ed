import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exportsOf } from './source/read-exports.ts'

const folder = join(import.meta.dirname, '../..')
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly '@dure/source': string }>>
}
const subpaths = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
  typeof target === 'string' ? [] : [[subpath, exportsOf(join(folder, target['@dure/source']))] as const],
)

describe('what the package offers', () => {
  test('has subpaths', () => {
    expect(subpaths.length).toBeGreaterThan(5)
  })

  // A name more is a promise more: look at each line of the diff before `vitest -u`.
  test.each(subpaths)('%s', (_, names) => {
    expect(names).toMatchSnapshot()
  })

  test('the front door stays small enough to be known by heart', () => {
    // What a model is written with; types mostly come by inference.
    const names = subpaths.find(([subpath]) => subpath === '.')?.[1] ?? []
    const written = names.filter((it) => !it.startsWith('type '))
    expect(written.length).toBeGreaterThan(20)
    expect(written.length).toBeLessThanOrEqual(50)
  })
})
