import { join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { finding } from '../../../model/check/finding.ts'
import type { ContextDefinition } from '../../../model/context.ts'
import type { System } from '../../../model/system.ts'
import type { Home } from '../context-homes.ts'
import { impurity } from '../import-rules.ts'
import { isSource, type ModuleReader } from '../module-graph.ts'
import { pureFor } from '../pure.ts'
import type { SourceFinding } from '../source-finding.ts'

/** A package that holds the contract of a context. */
export interface ContractPackage {
  readonly context: ContextDefinition
  readonly folder: string
  /** The modules that export the contract. */
  readonly files: readonly string[]
  /** The context is in another repository. */
  readonly foreign: boolean
}

/** The packages of contexts here that hold a contract and nothing else. */
export function ownPackages(homes: readonly Home[]): readonly ContractPackage[] {
  return homes.flatMap(({ context, contractPackage: folder, published }) =>
    folder === undefined
      ? []
      : [{ context, folder, files: [...published].filter((it) => isIn(folder, it)), foreign: false }],
  )
}

const isIn = (folder: string, file: string): boolean => isSource(file) && file.startsWith(folder + sep)

/** Holds contract packages to shapes: nothing of the platform behind them, and nothing in their exports that does something. */
export async function checkPackages(
  packages: readonly ContractPackage[],
  system: System,
  reader: ModuleReader,
  root: string,
): Promise<readonly SourceFinding[]> {
  const kernels = system.map.flatMap((it) => ('sharedKernel' in it ? [it.sharedKernel] : []))
  const contracts = packages.map(({ folder }) => folder)
  // Not what the package says of itself: whoever uses it decides what only computes.
  const pure = new Set([...pureFor(join(root, 'package.json'), root), ...kernels])
  const found: SourceFinding[] = []
  for (const it of packages) {
    const context = it.context.name
    for (const module of await reader.reach(it.files)) {
      if (it.foreign) {
        for (const edge of module.edges) {
          const wrong = impurity(edge.target, pure)
          const other = edge.target.kind === 'package' && isContract(contracts, edge.target.name)
          if (wrong === undefined || other) continue
          const said = `imports ${edge.specifier}: ${wrong.reason.replace(/\.$/, '')}`
          const fix = fixOf(edge.target)
          found.push(placed(module.file, edge.line, context, said, fix))
        }
      }
    }
    for (const file of it.files) {
      const exported = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>
      for (const [name, value] of Object.entries(exported)) {
        const what = notShape(value)
        if (what === undefined) continue
        const fix =
          'Export contracts, field maps, value objects and schemas; what does something belongs to the context.'
        found.push(placed(file, 0, context, `exports ${name}, ${what}`, fix))
      }
    }
  }
  return found
}

/** Contracts may be made of those of others. */
function isContract(folders: readonly string[], name: string): boolean {
  return folders.some((it) => it.endsWith(join(sep, 'node_modules', name)))
}

function fixOf(target: { readonly kind: string; readonly name?: string }): string {
  return target.kind === 'package'
    ? `Ask for a contract without it; if it only computes: "dure": { "pure": ["${target.name}"] } in package.json.`
    : 'A contract has shapes only: ask for one without it.'
}

function placed(file: string, line: number, context: string, said: string, fix: string): SourceFinding {
  return { ...finding('DURE_CONTRACT_SHAPES', '', { context, found: said, fix }), file, line }
}

/** What does something: a part of a context, a decision, a plain function. */
function notShape(value: unknown): string | undefined {
  const { kind } = (value ?? {}) as { readonly kind?: unknown }
  if (typeof kind === 'string' && inside.has(kind)) return `a ${kind.replace('-', ' ')}`
  if (typeof value !== 'function') return undefined
  // Value objects and schemas may be functions; they carry the standard interface.
  return '~standard' in value || isClass(value) ? undefined : 'a function'
}

const isClass = (it: object): boolean => /^class\b/.test(Function.prototype.toString.call(it))

const inside = new Set([
  'aggregate',
  'command',
  'context',
  'domain-service',
  'handler',
  'job',
  'persistence',
  'policy',
  'poller',
  'publication',
  'resource',
  'settings',
  'system',
  'translator',
  'view',
])
