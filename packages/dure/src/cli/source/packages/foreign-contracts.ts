import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyContract } from '../../../model/contract.ts'
import { knownByContract, type System } from '../../../model/system.ts'
import type { Home } from '../context-homes.ts'
import type { Edge, Module } from '../module-graph.ts'
import { manifestOf, packageFile } from '../resolve-import.ts'
import type { Checked } from '../source-finding.ts'
import type { ContractPackage } from './contract-packages.ts'

/** The contract of a context in another repository, and the import that leads to it. */
export interface ForeignContract extends ContractPackage {
  readonly home: Home
  /** `@shop/catalog` and `./contract`; undefined where it is a file of this repository. */
  readonly imported: ReadonlySet<string>
}

/** Finds the modules that the contracts of other repositories come from, among those that the system has loaded. */
export async function foreignContracts(
  system: System,
  loaded: readonly Module[],
  conditions: ReadonlySet<string>,
): Promise<readonly ForeignContract[]> {
  if (system.elsewhere.length === 0) return []
  const found = new Map<AnyContract, { file: string; imported: Set<string> }>()
  const note = async (file: string, imported?: string): Promise<void> => {
    const values = await valuesOf(file)
    for (const contract of system.elsewhere.filter((it) => values.includes(it))) {
      const known = found.get(contract) ?? { file, imported: new Set() }
      // A package says more of where it is from than a file here that hands it on.
      found.set(contract, imported === undefined ? known : { file, imported: known.imported.add(imported) })
    }
  }
  const seen = new Set<string>()
  for (const module of loaded) {
    await note(module.file)
    for (const { specifier, target, typeOnly, dynamic } of module.edges) {
      if (typeOnly || dynamic || target.kind !== 'package' || target.name === 'dure') continue
      const file = packageFile(specifier, module.file, conditions)
      const name = nameOf(target)
      if (file === undefined || seen.has(name)) continue
      seen.add(name)
      await note(file, name)
    }
  }
  return [...found].map(([contract, { file, imported }]) => {
    const context = knownByContract(contract)
    const folder = manifestOf(file)?.folder ?? dirname(file)
    const home: Home = { context, folders: [], published: new Set([file]), foreign: true }
    return { context, folder, files: [file], imported, home, foreign: true }
  })
}

/** It is loaded already where the program loads it; where it cannot be loaded so, it is not what the system has loaded. */
async function valuesOf(file: string): Promise<readonly unknown[]> {
  const loaded: object = await import(pathToFileURL(file).href).then(
    (it: object) => it,
    () => ({}),
  )
  return Object.values(loaded)
}

/** The context of another repository whose contract an import leads to. */
export function foreignPlace(foreign: readonly ForeignContract[], { target }: Edge): Checked['to'] {
  const found = foreign.find(({ imported, files }) =>
    target.kind === 'package'
      ? imported.has(nameOf(target))
      : target.kind === 'file' && files.includes(target.file),
  )
  return found && { home: found.home, layer: undefined }
}

function nameOf({ name, subpath }: { readonly name: string; readonly subpath: string }): string {
  return name + subpath.slice(1)
}
