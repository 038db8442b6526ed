import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { catalogue } from '../../packages/dure/src/kernel/errors/catalogue.ts'
import * as dure from 'dure'
import * as host from 'dure/host'
import { commands } from '../../packages/dure/src/cli/commands.ts'
import { rooms } from '../../packages/dure/test/check/source/room-rules.ts'
import { faultStatuses } from './statuses.ts'
import { readPage, root } from './markdown.ts'

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

const list = (cell: string | undefined): string[] =>
  bare(cell)
    .split(', ')
    .filter((it) => it !== '')

test('the table of the rooms in ARCHITECTURE.md is the rule that a test enforces', () => {
  const told = tableUnder('ARCHITECTURE.md', '## The rooms').map(([room, values, types]) => [
    bare(room),
    list(values),
    list(types),
  ])
  const enforced = Object.entries(rooms)
    .filter(([room]) => room !== 'index')
    .map(([room, { values, types = [] }]) => [
      room,
      values.length === 0 ? ['nothing'] : values.map((it) => (it === '*' ? 'everything' : it)),
      types,
    ])
  expect(Object.fromEntries(told.map(([room, ...may]) => [room, may]))).toEqual(
    Object.fromEntries(enforced.map(([room, ...may]) => [room, may])),
  )
})

test('the page of the command line has every command and its options', () => {
  const { text } = readPage('docs/reference/cli.md')
  const sections = text.split(/^## /m).slice(1)
  const told = sections
    .filter((it) => it.startsWith('dure '))
    .map((section) => {
      const [heading = ''] = section.split('\n')
      return [
        heading.replaceAll('\\', ''),
        [...section.matchAll(/^\| `--([a-z-]+)/gm)].map(([, option]) => option),
      ]
    })
  expect(told).toEqual(
    commands.map(({ name, takes, options }) => [`dure ${name}${takes && ` ${takes}`}`, Object.keys(options)]),
  )
})

test('each guarantee names a test that exists', () => {
  const { text } = readPage('docs/explanation/guarantees.md')
  const proofs = [...text.matchAll(/^- `([^`]+\.ts)` › (.+)$/gm)]
  const lost = proofs.filter(([, file, title]) => {
    const tests = readFileSync(`${root}${file}`, 'utf8').replaceAll("\\'", "'").replaceAll(/\(\s+/g, '(')
    return !['test(', 'it(', ')(', 'name: '].some((call) =>
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
  const known = Object.entries(host.variables).map(([name, { fallback, about }]) => [
    name,
    fallback === undefined ? 'none' : String(fallback as string | number),
    about,
  ])
  expect(told).toEqual(known)
})

test('the page of HTTP has the status of every kind of error', () => {
  const rows = tableUnder('docs/reference/http.md', '## Status codes of errors')
  const told = rows.map(([status, kind]) => [Number(bare(status)), bare(kind)])
  expect(told).toEqual(faultStatuses)
})

test('the functions that the glossary names are exported', () => {
  const { text } = readPage('docs/reference/glossary.md')
  const named = new Set([...text.matchAll(/`([a-z]\w*)\(…/g)].map(([, name]) => name as string))
  const given = ['reject'] // what a decision is given
  const exported = new Set([...Object.keys(dure), ...Object.keys(host), ...given])
  expect(named.size).toBeGreaterThan(15)
  expect([...named].filter((it) => !exported.has(it))).toEqual([])
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
      .filter((code) => !known.has(code) && !Object.hasOwn(host.variables, code))
      // A variable of a context, whose name is in it.
      .filter((code) => !code.startsWith('DURE_URL_'))
      .map((code) => `${file}: ${code}`),
  )
  expect(unknown).toEqual([])
})
