import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { catalogue } from '../../packages/dure/src/kernel/errors/catalogue.ts'
import { FaultStatuses } from './statuses.ts'
import { variables } from 'dure/host'
import { readPage, root } from './markdown.ts'

const source = 'packages/dure/src/'

/** The cells of every row of the table under a heading, without the header. */
function tableUnder(page: string, heading: string): readonly (readonly string[])[] {
  const { text } = readPage(page)
  const from = text.indexOf(`\n${heading}\n`)
  if (from < 0) throw new Error(`${page} has no heading ${heading}`)
  const lines = text.slice(from).split('\n')
  const first = lines.findIndex((it) => it.startsWith('|'))
  const rows: string[][] = []
  for (let i = first + 2; lines[i]?.startsWith('|'); i++) {
    rows.push(
      (lines[i] as string)
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((it) => it.trim()),
    )
  }
  return rows
}

const bare = (cell: string | undefined): string => (cell ?? '').replaceAll(/[`*]|\[|\]\([^)]*\)/g, '')

test('the rooms import no more than ARCHITECTURE.md says', () => {
  const allowed = new Map(
    tableUnder('ARCHITECTURE.md', '## The rooms').map(([room, imports]) => [
      bare(room),
      new Set(bare(imports).split(', ')),
    ]),
  )
  const files = globSync(`${source}*/**/*.ts`, { cwd: root }).filter((it) => !/\.test(-d)?\.ts$/.test(it))
  const breaches = new Set<string>()
  let seen = 0
  for (const file of files) {
    const [, room = '', rest = ''] = /src\/([^/]+)\/(.*)$/.exec(file) ?? []
    if (!allowed.has(room)) breaches.add(`${room} has no line in the table`)
    const up = '../'.repeat(rest.split('/').length)
    for (const [, from = ''] of readFileSync(`${root}${file}`, 'utf8').matchAll(
      /(?:from |import\()'([^']+)'/g,
    )) {
      if (!from.startsWith(up) || from.startsWith(`${up}../`)) continue
      seen++
      const other = from.slice(up.length).split('/')[0] as string
      const may = allowed.get(room)
      if (other !== room && !may?.has(other) && !may?.has('everything'))
        breaches.add(`${file} imports ${other}`)
    }
  }
  expect(seen).toBeGreaterThan(100)
  expect([...breaches]).toEqual([])
})

test('each guarantee names a test that exists', () => {
  const { text } = readPage('docs/explanation/guarantees.md')
  const proofs = [...text.matchAll(/^- `([^`]+\.ts)` › (.+)$/gm)]
  const lost = proofs.filter(([, file, title]) => {
    const tests = readFileSync(`${root}${file}`, 'utf8').replaceAll("\\'", "'")
    return !['test(', 'it(', 'name: '].some((call) =>
      ["'", '"', '`'].some((quote) => tests.includes(`${call}${quote}${title}${quote}`)),
    )
  })
  expect(lost.map(([line]) => line)).toEqual([])
  expect(proofs.length).toBeGreaterThan(20)
  const claims = text.split('\n## What is not promised')[0]?.match(/^\*\*/gm) ?? []
  const proven = text.match(/^\*\*(?:(?!^\*\*)[^])*?\n- `/gm) ?? []
  expect(proven.length).toBe(claims.length)
})

test('the page of the configuration has every variable and its default', () => {
  const rows = tableUnder('docs/reference/configuration.md', '## Variables')
  const told = rows.map(([name, fallback, about]) => [bare(name), bare(fallback), bare(about)])
  const known = Object.entries(variables).map(([name, { fallback, about }]) => [
    name,
    `${fallback ?? 'none'}`,
    about,
  ])
  expect(told).toEqual(known)
})

test('the page of HTTP has the status of every kind of error', () => {
  const rows = tableUnder('docs/reference/http.md', '## Status codes of errors')
  const told = rows.map(([status, kind]) => [Number(bare(status)), bare(kind)])
  expect(told).toEqual(FaultStatuses)
})

test('decisions are numbered without a gap, and each says context, decision, consequences and evidence', () => {
  const files = globSync('docs/adr/*.md', { cwd: root }).toSorted()
  expect(files.map((it) => /(\d{4})-[a-z0-9-]+\.md$/.exec(it)?.[1])).toEqual(
    files.map((_, i) => String(i + 1).padStart(4, '0')),
  )
  for (const it of files) {
    const headings = [...readPage(it).text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
    expect([it, headings]).toEqual([it, ['Context', 'Decision', 'Consequences', 'Evidence']])
  }
})

test('every code of an error on a page is in the catalogue', () => {
  const known = new Set([...Object.keys(catalogue), 'DURE_REJECTED'])
  const files = globSync(['*.md', 'docs/**/*.md'], { cwd: root })
  const unknown = files.flatMap((file) =>
    [...readPage(file).text.matchAll(/\bDURE_[A-Z]+_[A-Z_]+\b/g)]
      .map(([code]) => code)
      .filter((code) => !known.has(code) && !Object.hasOwn(variables, code))
      .map((code) => `${file}: ${code}`),
  )
  expect(unknown).toEqual([])
})
