import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseAst } from 'vitest/node'

interface Node {
  readonly type: string
  readonly [property: string]: unknown
}

/** The names that a module exports, types marked, sorted; `export *` is followed. Empty for a file not written yet. */
export function exportsOf(file: string): readonly string[] {
  if (!existsSync(file)) return []
  const { body } = parseAst(readFileSync(file, 'utf8'), { lang: 'ts' }, file) as unknown as {
    body: readonly Node[]
  }
  return body.flatMap((node) => namesOf(node, file)).toSorted()
}

function namesOf(node: Node, file: string): readonly string[] {
  if (node.type === 'ExportAllDeclaration') {
    return exportsOf(join(dirname(file), (node['source'] as { value: string }).value))
  }
  if (node.type !== 'ExportNamedDeclaration') return []
  const declared = node['declaration'] as Node | null
  if (declared !== null) return declaredNames(declared)
  return (node['specifiers'] as Node[]).map((it) => {
    const isType = node['exportKind'] === 'type' || it['exportKind'] === 'type'
    return mark((it['exported'] as { name: string }).name, isType)
  })
}

function declaredNames(node: Node): readonly string[] {
  const isType = node.type.startsWith('TS')
  const several = node['declarations'] as { readonly id: { readonly name: string } }[] | undefined
  if (several !== undefined) return several.map((it) => it.id.name)
  return [mark((node['id'] as { name: string }).name, isType)]
}

const mark = (name: string, isType: boolean): string => (isType ? `type ${name}` : name)
