import type { Fence } from './markdown.ts'

/** The snippets of a page as one module, or of one fence that stands alone. */
export interface Module {
  readonly file: string
  readonly text: string
  /** Whether it is also run; the other ones are only compiled. */
  readonly runs: boolean
}

const imports = /^import (type )?(?:\* as (\w+)|\{([^}]*)\}) from '([^']+)'$/gm

/**
 * The TypeScript of a page. Its fences follow one another in one module, each with the imports it shows, so that a page
 * can be read from top to bottom; `alone` makes a module of its own, `check` one that is not run.
 */
export function modulesOf(page: string, fences: readonly Fence[]): readonly Module[] {
  const name = page.replaceAll(/[/.]/g, '-')
  const together = fences.filter((it) => !it.marks.has('alone') && !it.marks.has('check'))
  const apart = fences.filter((it) => it.marks.has('alone') || it.marks.has('check'))
  return [
    ...(together.length > 0 ? [{ file: `${name}.ts`, text: joined(together), runs: true }] : []),
    ...apart.map((it) => ({
      file: `${name}-${it.line}.ts`,
      text: joined([it]),
      runs: !it.marks.has('check'),
    })),
  ]
}

function joined(fences: readonly Fence[]): string {
  const named = new Map<string, Set<string>>()
  const bodies = fences.map(({ text }) =>
    text.replaceAll(
      imports,
      (_, type: string | undefined, all: string | undefined, names: string | undefined, from: string) => {
        const key = `${all === undefined ? '' : `* as ${all}`}|${from}`
        const known = named.get(key) ?? new Set()
        for (const it of (names ?? '').split(',')) {
          if (it.trim() !== '') known.add(type === undefined ? it.trim() : `type ${it.trim()}`)
        }
        named.set(key, known)
        return ''
      },
    ),
  )
  const lines = [...named].map(([key, names]) => {
    const [all = '', from = ''] = key.split('|')
    return `import ${all || `{ ${[...names].join(', ')} }`} from '${from}'`
  })
  return [...lines, ...bodies, 'export {}'].join('\n')
}
