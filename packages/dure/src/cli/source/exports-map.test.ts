import { describe, expect, it } from 'vitest'
import { targetIn } from './exports-map.ts'
import { importConditions } from './resolve-import.ts'

const node = new Set(['node', 'import'])

describe('targetIn', () => {
  it.each([
    ['./a.js', '.', './a.js'],
    ['./a.js', './b', undefined],
    [{ import: './a.mjs', require: './a.cjs' }, '.', './a.mjs'],
    [{ '.': './a.js', './b': './b.js' }, './b', './b.js'],
    [{ '.': './a.js' }, './b', undefined],
    [{ './b': { browser: './no.js', node: { require: './no.cjs', default: './b.js' } } }, './b', './b.js'],
    [{ './b': null, './*': './x/*.js' }, './b', undefined],
    [{ './*': './x/*.js', './deep/*': './y/*.js' }, './deep/c', './y/c.js'],
    [{ './*.ts': './src/*.ts' }, './c.ts', './src/c.ts'],
    [{ './b': [{ browser: './no.js' }, './b.js'] }, './b', './b.js'],
    [{ '#b': './b.ts' }, '#b', './b.ts'],
  ])('%j at %s is %s', (map, subpath, expected) => {
    expect(targetIn(map, subpath, node)).toBe(expected)
  })
})

it('reads conditions as Node does', () => {
  const found = importConditions(['--conditions=a', '-C', 'b'], '--conditions c --no-warnings')
  expect([...found]).toEqual(expect.arrayContaining(['node', 'import', 'a', 'b', 'c']))
})
