import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { allPages, placeOf, root } from './markdown.ts'
import { modulesOf } from './modules.ts'
import { scratch } from './scratch.ts'

const pages = allPages()
const fences = pages.flatMap((it) => it.fences)
const quoted = fences.filter((it) => it.marks.has('file'))
const typescript = fences.filter(
  ({ language, marks }) =>
    language === 'ts' && !marks.has('file') && !marks.has('title') && !marks.has('service'),
)

test.each(quoted.map((it) => [placeOf(it), it] as const))('%s quotes its file', (_, fence) => {
  const source = flattened(readFileSync(`${root}${fence.marks.get('file')}`, 'utf8'))
  let from = 0
  for (const part of fence.text.split(/^[ ]*\/\/ …$/m)) {
    const found = source.indexOf(flattened(part), from)
    expect(found < 0 ? part : '').toBe('')
    from = found + part.length
  }
})

test('every block of code says how it is tested', { timeout: 20_000 }, () => {
  const known: Record<string, readonly string[]> = {
    ts: ['file', 'title', 'service', 'alone', 'check'],
    sh: ['shop', 'tutorial', 'steps', 'by-hand'],
  }
  const wrong = fences.filter(({ language, marks }) => {
    const marked = [...marks.keys()]
    if (language === 'ts') return !marked.every((it) => known['ts']?.includes(it))
    if (language === 'sh') return marked.length !== 1 || !known['sh']?.includes(marked[0] as string)
    return !['json', 'text', 'http', 'sql'].includes(language)
  })
  expect(wrong.map(placeOf)).toEqual([])
})

test('the TypeScript of every page compiles, and what is to be run runs', { timeout: 60_000 }, async () => {
  using it = scratch()
  const modules = pages.flatMap((page) =>
    modulesOf(
      page.path,
      typescript.filter(({ page: of }) => of === page.path),
    ),
  )
  expect(modules.length).toBeGreaterThan(0)
  for (const { file, text } of modules) it.write(file, text)
  // What pages call ./system.ts is the shop.
  it.write('system.ts', `export { shop } from '${root}examples/shop/src/system.ts'`)
  expect(await it.typeCheck(modules.map(({ file }) => file))).toBe('')
  const runnable = modules.filter(({ runs }) => runs).map(({ file }) => `await import('./${file}')`)
  it.write('all.ts', `${runnable.join('\n')}\nexport {}`)
  await it.node('all.ts')
})

// Quoted code may stand less deep on the page than in its file.
function flattened(text: string): string {
  return text.replaceAll(/^[ ]+/gm, '').trim()
}
