import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseAst } from 'vitest/node'

/** One import of one module; `to` is a path below src for a file of ours, else the specifier. */
export interface Import {
  readonly to: string
  readonly typeOnly: boolean
}

/** One file below src, as far as the rules look at it. */
export interface Module {
  readonly path: string
  readonly imports: readonly Import[]
  /** Ways to the world outside: `Date.now`, `setTimeout`, `console`. */
  readonly world: readonly string[]
  readonly bareThrows: number
}

/** Every .ts file below a folder, path to text. */
export function readSources(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((it) => it.endsWith('.ts'))
  return new Map(
    files.toSorted().map((it) => [it.replaceAll('\\', '/'), readFileSync(join(folder, it), 'utf8')]),
  )
}

/** Parses sources; a test is not part of what is shipped, and may import anything. */
export function modulesOf(sources: ReadonlyMap<string, string>): readonly Module[] {
  const shipped = [...sources].filter(([path]) => !/\.test(-d)?\.ts$/.test(path))
  return shipped.map(([path, text]) => moduleOf(path, text))
}

interface Node {
  readonly type: string
  readonly [property: string]: unknown
}

function moduleOf(path: string, text: string): Module {
  const imports: Import[] = []
  const world = new Set<string>()
  let bareThrows = 0
  visit(parseAst(text, { lang: 'ts' }, path) as unknown as Node, (node) => {
    for (const it of importsOf(node)) imports.push({ ...it, to: resolve(path, it.to) })
    for (const it of worldOf(node)) world.add(it)
    if (node.type === 'ThrowStatement' && isNew(node['argument'] as Node, 'Error')) bareThrows += 1
  })
  return { path, imports, world: [...world].toSorted(), bareThrows }
}

function visit(node: Node, see: (node: Node) => void): void {
  see(node)
  for (const value of Object.values(node)) {
    for (const it of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof it === 'object' && it !== null && typeof (it as Node).type === 'string')
        visit(it as Node, see)
    }
  }
}

const textOf = (node: unknown): string | undefined => {
  const value = (node as { value?: unknown } | null | undefined)?.value
  return typeof value === 'string' ? value : undefined
}
const nameOf = (node: unknown): string => {
  const name = (node as { name?: unknown } | null)?.name
  return typeof name === 'string' ? name : ''
}

function importsOf(node: Node): readonly Import[] {
  const to = textOf(node['source'])
  if (to === undefined) return []
  if (node.type === 'ImportExpression') return [{ to, typeOnly: false }]
  if (node.type === 'TSImportType') return [{ to, typeOnly: true }]
  if (!/^(Import|Export(Named|All))Declaration$/.test(node.type)) return []
  const kinds = ((node['specifiers'] ?? []) as Node[]).map(
    (it) => it['importKind'] ?? it['exportKind'] ?? 'value',
  )
  const whole = (node['importKind'] ?? node['exportKind']) === 'type'
  return [{ to, typeOnly: whole || (kinds.length > 0 && kinds.every((it) => it === 'type')) }]
}

const members = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'process.env',
  'process.hrtime',
  'crypto.randomUUID',
])
const calls = new Set(['setTimeout', 'setInterval', 'setImmediate', 'Date'])
const imported = new Set([
  'setTimeout',
  'setInterval',
  'setImmediate',
  'randomUUID',
  'performance',
  'env',
  'hrtime',
])

function worldOf(node: Node): readonly string[] {
  if (node.type === 'MemberExpression') {
    const object = nameOf(node['object'])
    if (object === 'console') return ['console']
    const member = `${object}.${nameOf(node['property'])}`
    return members.has(member) ? [member] : []
  }
  if (node.type === 'CallExpression' && calls.has(nameOf(node['callee']))) return [nameOf(node['callee'])]
  if (isNew(node, 'Date') && (node['arguments'] as unknown[]).length === 0) return ['new Date()']
  if (node.type !== 'ImportDeclaration' || !textOf(node['source'])?.startsWith('node:')) return []
  const names = (node['specifiers'] as Node[]).map((it) => nameOf(it['imported']))
  return names.filter((it) => imported.has(it)).map((it) => `${it} of ${textOf(node['source'])}`)
}

function isNew(node: Node | null | undefined, type: string): boolean {
  return node?.type === 'NewExpression' && nameOf(node['callee']) === type
}

function resolve(from: string, to: string): string {
  return to.startsWith('.') ? new URL(to, `file:///${from}`).pathname.slice(1) : to
}
