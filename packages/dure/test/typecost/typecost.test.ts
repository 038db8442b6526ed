import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generateModel } from './generate.mjs'

// What a team with a large model pays at every keystroke, and ships in its .d.ts. A figure over budget is a decision: find
// what got dearer, or raise the number in budget.json in the same commit that says why.
const root = join(import.meta.dirname, '../../../..')
const budget = JSON.parse(readFileSync(join(import.meta.dirname, 'budget.json'), 'utf8')) as {
  readonly model: { readonly aggregates: number; readonly each: number }
  readonly instantiations: number
  readonly declarationBytes: number
}

let folder = ''
let declarations = ''
let report = ''

beforeAll(() => {
  // Inside the repository, so that `dure` and zod are found; .dure/ is ignored by git and by every tool here.
  mkdirSync(join(import.meta.dirname, '.dure'), { recursive: true })
  folder = mkdtempSync(join(import.meta.dirname, '.dure/model-'))
  writeFileSync(join(folder, 'model.ts'), generateModel(budget.model))
  const compilerOptions = {
    declaration: true,
    emitDeclarationOnly: true,
    outDir: 'out',
    rootDir: relative(folder, root),
    extendedDiagnostics: true,
  }
  const config = {
    extends: relative(folder, join(root, 'tsconfig.base.json')),
    compilerOptions,
    files: ['model.ts'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  report = compile()
  declarations = readFileSync(join(folder, 'out', relative(root, folder), 'model.d.ts'), 'utf8')
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function compile(): string {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  try {
    return execFileSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' })
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

function figure(name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(report)?.[1]
  if (found === undefined) throw new TypeError(`the compiler reported no ${name}:\n${report}`)
  return Number(found)
}

test('the model compiles', () => {
  expect(report.split('\n').filter((line) => line.includes('error'))).toEqual([])
  expect(figure('Files')).toBeGreaterThan(100)
})

test(`instantiations stay within ${budget.instantiations}`, () => {
  const found = figure('Instantiations')
  expect(found).toBeLessThanOrEqual(budget.instantiations)
  // A budget far above the cost guards nothing, and a cost of nothing was not measured.
  expect(found).toBeGreaterThan(budget.instantiations * 0.8)
})

test(`declarations stay within ${budget.declarationBytes} bytes`, () => {
  const found = Buffer.byteLength(declarations)
  expect(found).toBeLessThanOrEqual(budget.declarationBytes)
  expect(found).toBeGreaterThan(budget.declarationBytes * 0.8)
})

test('declarations name public subpaths and nothing inside the package', () => {
  const imported = new Set([...declarations.matchAll(/import\("([^"]+)"\)/g)].map(([, name]) => name))
  expect([...imported]).toEqual(['dure'])
})
