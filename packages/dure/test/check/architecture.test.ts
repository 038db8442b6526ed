import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nameProblems } from './source/name-rules.ts'
import { modulesOf, readSources } from './source/read-modules.ts'
import { rooms, violations } from './source/room-rules.ts'

const sources = readSources(join(import.meta.dirname, '../../src'))
const modules = modulesOf(sources)

describe('the source', () => {
  // A check that has read nothing passes for ever.
  test('was read', () => {
    expect(modules.length).toBeGreaterThanOrEqual(60)
    expect(modules.reduce((sum, it) => sum + it.imports.length, 0)).toBeGreaterThan(200)
    expect(new Set(Object.keys(rooms)).size).toBeGreaterThan(10)
  })

  test('keeps to its rooms, meets the world only where it is made, and has no cycles', () => {
    expect(violations(modules)).toEqual([])
  })

  test('has names that say something, in folders that can be overlooked', () => {
    expect(nameProblems([...sources.keys()])).toEqual([])
  })
})

const caught = (files: Record<string, string>) => violations(modulesOf(new Map(Object.entries(files))))

describe('the rules catch', () => {
  test.each([
    [
      'kernel importing domain',
      { 'kernel/a.ts': `import { b } from '../domain/b.ts'` },
      'kernel may not import domain',
    ],
    [
      'kernel importing Node',
      { 'kernel/a.ts': `import { b } from 'node:fs'` },
      'imports nothing from outside',
    ],
    [
      'domain importing a package',
      { 'domain/a.ts': `import * as z from 'zod'` },
      'imports nothing from outside',
    ],
    [
      'a type from the wrong room',
      { 'kernel/a.ts': `import type { B } from '../model/b.ts'` },
      'kernel may not import model',
    ],
    ['a value where types may come', { 'ports/a.ts': `import { b } from '../domain/b.ts'` }, 'by value'],
    ['a value among types', { 'ports/a.ts': `import { b, type C } from '../domain/b.ts'` }, 'by value'],
    ['a re-export', { 'domain/a.ts': `export { b } from '../app/b.ts'` }, 'domain may not import app'],
    [
      'a re-export of everything',
      { 'domain/a.ts': `export * from '../app/b.ts'` },
      'domain may not import app',
    ],
    [
      'a dynamic import',
      { 'app/a.ts': `export const b = async () => import('../host/b.ts')` },
      'app may not import host',
    ],
    [
      'an import in a type',
      { 'app/a.ts': `export type B = import('../host/b.ts').B` },
      'app may not import host',
    ],
    [
      'adapters that meet',
      { 'adapters/memory/a.ts': `import { b } from '../postgres/b.ts'` },
      'may not import adapters/postgres',
    ],
    [
      'the host seeing an adapter',
      { 'host/a.ts': `import { b } from '../adapters/memory/b.ts'` },
      'may not import adapters/memory',
    ],
    ['importing the CLI', { 'host/a.ts': `import { b } from '../cli/b.ts'` }, 'host may not import cli'],
    ['a room nobody knows', { 'misc/a.ts': '' }, 'does not know'],
    ['the clock', { 'app/a.ts': 'export const a = Date.now()' }, 'uses Date.now'],
    ['the clock by another name', { 'app/a.ts': 'export const a = new Date()' }, 'uses new Date()'],
    ['chance', { 'app/a.ts': 'export const a = () => [Math.random()]' }, 'uses Math.random'],
    ['timers', { 'engine/a.ts': 'setTimeout(() => 1, 1)' }, 'uses setTimeout'],
    [
      'timers of Node',
      { 'engine/a.ts': `import { setTimeout as pause } from 'node:timers/promises'` },
      'setTimeout of node:timers',
    ],
    ['ids', { 'app/a.ts': `import { randomUUID } from 'node:crypto'` }, 'randomUUID of node:crypto'],
    ['the environment', { 'host/a.ts': 'export const a = process.env' }, 'uses process.env'],
    ['the console', { 'http/a.ts': `console.log('x')` }, 'uses console'],
    [
      'a bare Error',
      { 'app/a.ts': `export const a = () => { throw new Error('x') }` },
      'throws a bare Error',
    ],
    [
      'a cycle of values',
      {
        'app/a.ts': `import { b } from './b.ts'\nexport const a = b`,
        'app/b.ts': `import { a } from './a.ts'\nexport const b = a`,
      },
      'import each other by value',
    ],
    [
      'a cycle between rooms, by types alone',
      {
        'cli/a.ts': `import type { B } from '../app/b.ts'`,
        'app/b.ts': `import type { A } from '../cli/a.ts'`,
      },
      'is a cycle between rooms',
    ],
  ] as const)('%s', (_, files, sentence) => {
    expect(caught(files as unknown as Record<string, string>).join('\n')).toContain(sentence)
  })

  test('nothing in what is allowed', () => {
    const allowed = {
      'ports/a.ts': `import type { B } from '../domain/b.ts'\nimport { c } from '../kernel/c.ts'`,
      'domain/b.ts': `import type { D } from './d.ts'\nimport type { S } from '@standard-schema/spec'`,
      'domain/d.ts': `import type { B } from './b.ts'\nexport const at = new Date(0)`,
      'kernel/c.ts': '',
      'kernel/c.test.ts': `import { x } from '../cli/x.ts'\nconsole.log(Date.now())`,
      'cli/x.ts': `console.log(process.env, new Date())`,
      'adapters/embedded/a.ts': `import { p } from '../postgres/p.ts'`,
    }
    expect(caught(allowed)).toEqual([])
  })

  test.each([
    ['app/aB.ts', 'kebab-case'],
    ['app/some_thing.ts', 'kebab-case'],
    ['app/utils.ts', 'utils'],
    ['app/order-manager.ts', 'manager'],
    ['helpers/a.ts', 'helpers'],
    ['a/b/c/d/e.ts', 'folders deep'],
  ])('the name %s', (path, sentence) => {
    expect(nameProblems([path]).join()).toContain(sentence)
  })

  test('a crowd', () => {
    const files = Array.from({ length: 16 }, (_, i) => `app/a${i}.ts`)
    expect(nameProblems(files)).toEqual(['app has 16 files, 15 are allowed; make two folders of it'])
    expect(nameProblems(files.map((it) => it.replace('.ts', '.test.ts')))).toEqual([])
  })
})
