import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { catalogue } from '../../src/kernel/errors/catalogue.ts'
import type { ErrorEntry } from '../../src/kernel/errors/entry.ts'
import { errorsPage, page } from '../../../../scripts/generate-errors.mjs'
import { readSources } from './source/read-modules.ts'

const entries = Object.entries(catalogue) as unknown as readonly (readonly [string, ErrorEntry])[]
const sources = [...readSources(join(import.meta.dirname, '../../src'))].filter(
  ([path]) => !/\.test(-d)?\.ts$/.test(path),
)
const raising = sources.filter(([path]) => !path.startsWith('kernel/errors/')).map(([, text]) => text)

// Answers to any detail with a list of one, which a template prints like a text, and may join, map or count.
const sample = new Proxy(
  {},
  { get: (_, name) => (name === 'issues' ? [{ path: '/a', message: 'is required' }] : ['one']) },
)

describe('the catalogue of errors', () => {
  test('has codes of one form, told apart from each other', () => {
    expect(entries.length).toBeGreaterThan(30)
    for (const [code] of entries) expect(code).toMatch(/^DURE(_[A-Z]+)+$/)
    expect(entries.map(([code]) => code).toSorted()).toMatchSnapshot()
  })

  // A code is one word in the source, whoever raises it: fault('CODE', …), finding('CODE', …), or a list of findings.
  test('has no code that nothing raises', () => {
    const unused = entries
      .map(([code]) => code)
      .filter((code) => !raising.some((text) => text.includes(`'${code}'`)))
    expect(unused).toEqual([])
  })

  test('raises no code that it does not have', () => {
    const raised = raising.flatMap((text) =>
      [...text.matchAll(/fault\(\s*'(DURE_[A-Z_]+)'/g)].map(([, code]) => code),
    )
    expect(raised.length).toBeGreaterThan(40)
    expect(raised.filter((code) => !Object.hasOwn(catalogue, String(code)))).toEqual([])
  })

  test.each(entries)('%s says what failed and what to do', (_, entry) => {
    const message = [entry.message(sample)].join()
    const hint = [entry.hint(sample)].join()
    for (const text of [message, hint, entry.about]) {
      expect(text.trim()).not.toBe('')
      expect(text).not.toMatch(/undefined|\[object|NaN/)
    }
    expect(entry.about).toMatch(/[.)]$/)
  })

  test('is what docs/reference/errors.md says', () => {
    const found = existsSync(page) ? readFileSync(page, 'utf8') : ''
    expect(found, 'out of date; run: node scripts/generate-errors.mjs').toBe(errorsPage())
  })
})
