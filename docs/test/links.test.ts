import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { expect, test } from 'vitest'
import { allPages, readPage, root } from './markdown.ts'

const pages = allPages()
const paths = new Set(pages.map((it) => it.path))

test.each(pages.map((it) => [it.path, it] as const))('the links of %s lead somewhere', (path, page) => {
  const broken = page.links
    .filter(({ to }) => !/^(https?|mailto):/.test(to))
    .filter(({ to }) => !leads(path, to))
    .map(({ line, to }) => `${path}:${line} → ${to}`)
  expect(broken).toEqual([])
})

test('every page is linked from the index of the documents', () => {
  const index = readPage('docs/README.md')
  const linked = new Set(index.links.map(({ to }) => join('docs', to.split('#', 1)[0] as string)))
  const lost = [...paths].filter((it) => it.startsWith('docs/') && it !== index.path && !linked.has(it))
  expect(lost).toEqual([])
})

function leads(from: string, to: string): boolean {
  const [file = '', anchor] = to.split('#')
  const target = file === '' ? from : join(dirname(from), file)
  if (!existsSync(`${root}${target}`)) return false
  return anchor === undefined || !target.endsWith('.md') || readPage(target).anchors.has(anchor)
}
