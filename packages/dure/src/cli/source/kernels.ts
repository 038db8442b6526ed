import { join, sep } from 'node:path'
import type { System } from '../../model/system.ts'
import { homeOf, type Home } from './context-homes.ts'
import { kernelIsPure } from './import-rules.ts'
import { isTest } from './layers.ts'
import type { Edge, Module, ModuleReader } from './module-graph.ts'
import { pureFor } from './pure.ts'
import { manifestOf } from './resolve-import.ts'
import type { Checked, SourceFinding } from './source-finding.ts'

/** The shared kernel of the context map that an import leads to: by the name of its package, or by its path. */
export function kernelOf(system: System, { target }: Edge, root: string): Checked['kernel'] {
  for (const it of system.map) {
    if (!('sharedKernel' in it)) continue
    const name = it.sharedKernel
    const found =
      (target.kind === 'package' && target.name === name) ||
      (target.kind === 'file' && (target.package === name || isIn(target.file, name, root)))
    if (found) return { name, between: it.between.map((contract) => contract.name as string) }
  }
  return undefined
}

function isIn(file: string, name: string, root: string): boolean {
  if (name.startsWith('.')) return file.startsWith(join(root, name) + sep) || file === join(root, name)
  return manifestOf(file)?.json['name'] === name
}

/** Holds the files of the kernels that contexts import, and what those import, against the rules of the domain. */
export async function checkKernels(
  system: System,
  homes: readonly Home[],
  modules: readonly Module[],
  reader: ModuleReader,
  root: string,
): Promise<readonly SourceFinding[]> {
  const isKernel = (edge: Edge): boolean => kernelOf(system, edge, root) !== undefined
  const contextOf = (edge: Edge): string | undefined =>
    edge.target.kind === 'file' && !isKernel(edge) ? homeOf(homes, edge.target.file)?.context.name : undefined
  const entries = modules.flatMap(({ edges }) =>
    edges.flatMap((edge) => (edge.target.kind === 'file' && isKernel(edge) ? [edge.target.file] : [])),
  )
  const reached = await reader.reach(entries, (edge) => contextOf(edge) === undefined)
  return reached.flatMap((module) => {
    if (isTest(module.file)) return []
    const pure = pureFor(module.file, root)
    const found = module.edges.map((edge) => kernelIsPure(module, edge, pure, contextOf(edge)))
    return found.filter((it) => it !== undefined)
  })
}
