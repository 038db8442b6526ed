import { expect, it } from 'vitest'
import { readImports } from './read-imports.ts'

const short = async (text: string) =>
  (await readImports(text)).map((it) =>
    [it.line, it.specifier, it.typeOnly ? 'type' : it.dynamic ? 'dynamic' : 'value'].join(' '),
  )

it('finds imports of values', async () => {
  const text = `#!/usr/bin/env node
// 한글 주석: import x from 'nope'
import a from 'a'
import { b, type B } from "b"
import * as c
  from './c.ts'
import 'd'
export * from './e.ts'
export { f } from './f.ts'
const g = await import('./g.ts')
const h = () => import(\`./h.ts\`)
export const url = import.meta.url`
  expect(await short(text)).toEqual([
    '3 a value',
    '4 b value',
    '5 ./c.ts value',
    '7 d value',
    '8 ./e.ts value',
    '9 ./f.ts value',
    '10 ./g.ts dynamic',
    '11 ./h.ts dynamic',
  ])
})

it('finds imports of types', async () => {
  const text = `import type { 가나다, 𝒳 /* and */, Y } from './a.ts'
import type D from 'd'
import type {
  E,
} from './e.ts'
export type { F } from './f.ts'
export type * from './g.ts'
type H = typeof import('./h.ts')
interface I { i: import("./i.ts").I }
function j(x: import('./j.ts').J): void {}`
  expect(await short(text)).toEqual([
    '1 ./a.ts type',
    '2 d type',
    '3 ./e.ts type',
    '6 ./f.ts type',
    '7 ./g.ts type',
    '8 ./h.ts type',
    '9 ./i.ts type',
    '10 ./j.ts type',
  ])
})

it('is not misled by what only looks like an import', async () => {
  const text = `const re = /import x from 'nope'/
const t = \`import \${'a'} from 'nope'\`
const s = "import('nope')" // import type { A } from 'nope'
/* export * from 'nope' */
const o = { import: 1, from: 'nope' }
o.import
type L = 'import type x'`
  expect(await short(text)).toEqual([])
})

it('refuses what Node could not run', async () => {
  await expect(readImports('enum A { B }')).rejects.toThrow(/enum/)
  await expect(readImports('const = 1')).rejects.toThrow(/expected/i)
})
