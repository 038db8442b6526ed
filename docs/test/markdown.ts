import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const root: string = fileURLToPath(new URL('../../', import.meta.url))

/** A block of code on a page. */
export interface Fence {
  readonly page: string
  /** Of the opening line, from 1. */
  readonly line: number
  readonly language: string
  /** What stands behind the language: `file=…`, `title=…`, or a bare word. */
  readonly marks: ReadonlyMap<string, string>
  readonly text: string
}

export interface Link {
  readonly line: number
  readonly to: string
}

/** One Markdown file, as far as the tests look at it. */
export interface Page {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
  readonly fences: readonly Fence[]
  readonly links: readonly Link[]
  /** Headings as GitHub turns them into anchors. */
  readonly anchors: ReadonlySet<string>
}

/** The pages that are tested: everything a reader of the repository comes across. */
export function allPages(): readonly Page[] {
  const paths = globSync(['*.md', 'docs/**/*.md', 'examples/*/README.md'], { cwd: root })
  return paths.map((it) => readPage(it.replaceAll('\\', '/'))).toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

export function readPage(path: string): Page {
  const text = readFileSync(`${root}${path}`, 'utf8')
  const fences: Fence[] = []
  const links: Link[] = []
  const anchors = new Set<string>()
  let open: { line: number; info: string; body: string[] } | undefined
  for (const [i, line] of text.split('\n').entries()) {
    const fence = /^```(.*)$/.exec(line)
    if (open !== undefined) {
      if (fence === null) open.body.push(line)
      else {
        fences.push(fenceOf(path, open))
        open = undefined
      }
    } else if (fence !== null) open = { line: i + 1, info: fence[1] ?? '', body: [] }
    else {
      const heading = /^#+ (.*)$/.exec(line)?.[1]
      if (heading !== undefined) anchors.add(anchorOf(heading))
      for (const it of line.matchAll(/\]\(([^)\s]+)\)/g)) links.push({ line: i + 1, to: it[1] as string })
    }
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: this block of code is not closed`)
  return { path, text, fences, links, anchors }
}

function fenceOf(page: string, { line, info, body }: { line: number; info: string; body: string[] }): Fence {
  const [language = '', ...rest] = info.trim().split(/\s+/)
  const marks = new Map(
    rest.map((it) => [it.split('=', 1)[0] as string, it.slice(it.indexOf('=') + 1)] as const),
  )
  return { page, line, language, marks, text: body.join('\n') }
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

/** Where a fence stands, for messages. */
export function placeOf({ page, line }: Fence): string {
  return `${page}:${line}`
}
