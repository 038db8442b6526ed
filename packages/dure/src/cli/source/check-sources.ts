import { sep } from 'node:path'
import { finding } from '../../model/check/finding.ts'
import type { System } from '../../model/system.ts'
import { findHomes, homeOf, isPublished, loadedBy, type Home } from './context-homes.ts'
import { filesOf } from './context-files.ts'
import { expectationsHeld } from './expectations.ts'
import { contractsOnly, importRules } from './import-rules.ts'
import { checkKernels, kernelOf } from './kernels.ts'
import { isTest, layerOf, type Layer } from './layers.ts'
import { ModuleReader, type Edge, type Module } from './module-graph.ts'
import { checkPackages, ownPackages, type ContractPackage } from './packages/contract-packages.ts'
import { foreignContracts, foreignPlace, type ForeignContract } from './packages/foreign-contracts.ts'
import { pureFor } from './pure.ts'
import type { Checked, SourceFinding } from './source-finding.ts'
import { unusedParts } from './parts/unused-parts.ts'

/** What was found, and how much was looked at. */
export interface SourceCheck {
  readonly findings: readonly SourceFinding[]
  /** Files of contexts that were read. */
  readonly files: number
  /** Contracts in packages of their own: those of contexts here, and those of other repositories. */
  readonly packages: readonly ContractPackage[]
}

export interface SourceOptions {
  /** The folder that paths of shared kernels start from. */
  readonly root: string
  /** The module that exports the system; it is loaded already. */
  readonly systemFile: string
  readonly conditions: ReadonlySet<string>
}

/** Holds the files of a system's contexts against the layers and the context map. */
export async function checkSources(system: System, options: SourceOptions): Promise<SourceCheck> {
  const reader = new ModuleReader(options.conditions)
  const loaded = await loadedBy(options.systemFile, reader)
  const homes = await findHomes(system, loaded)
  const foreign = await foreignContracts(system, loaded, options.conditions)
  const modules = new Map<Home, readonly Module[]>()
  for (const home of homes) {
    modules.set(home, await Promise.all(filesOf(homes, home).map((file) => reader.read(file))))
  }
  const modulesOf = (home: Home): readonly Module[] => modules.get(home) ?? []
  const findings = homes.flatMap((home) => [
    ...homeless(home, options.systemFile),
    ...modulesOf(home).flatMap((module) => checkModule(system, [homes, foreign], home, module, options)),
  ])
  const all = [...modules.values()].flat()
  findings.push(...(await checkKernels(system, homes, all, reader, options.root)))
  findings.push(...expectationsHeld(system, homes, modulesOf))
  for (const home of homes) findings.push(...(await unusedParts(system, home, modulesOf(home), loaded)))
  const packages = [...ownPackages(homes), ...foreign]
  findings.push(...(await checkPackages(packages, system, reader, options.root)))
  return { findings, files: all.length, packages }
}

function* homeless({ context, folders, published }: Home, systemFile: string): Generator<SourceFinding> {
  if (folders.length > 0) return
  const reason =
    published.size === 0
      ? 'no module that the system loads exports its contract.'
      : 'its contract or context(…) shares a folder with those of another context.'
  const fix =
    published.size === 0
      ? `Export contract('${context.name}', …) from a module of its own.`
      : `Give ${context.name} a folder of its own.`
  const [file = systemFile] = published
  const details = { context: context.name, reason, fix }
  yield { ...finding('DURE_SOURCE_HOME', '', details), file, line: 1 }
}

function checkModule(
  system: System,
  [homes, foreign]: readonly [readonly Home[], readonly ForeignContract[]],
  home: Home,
  module: Module,
  { root, systemFile }: SourceOptions,
): readonly SourceFinding[] {
  if (module.unreadable !== undefined) {
    const details = { reason: module.unreadable }
    return [{ ...finding('DURE_SOURCE_UNREADABLE', '', details), file: module.file, line: 1 }]
  }
  const pure = pureFor(module.file, root)
  // The system names every context, also where it stands in the package of one.
  const known = module.file === systemFile ? [] : foreign
  const rules = isTest(module.file) ? [exceptExpectations] : importRules
  return module.edges.flatMap((edge) => {
    const kernel = kernelOf(system, edge, root)
    const to = kernel === undefined ? (placeOf(homes, edge) ?? foreignPlace(known, edge)) : undefined
    const checked: Checked = {
      system,
      home,
      module,
      layer: layerIn(home, module.file),
      edge,
      to,
      kernel,
      pure,
    }
    const first = rules.map((rule) => rule(checked)).find((it) => it !== undefined)
    return first === undefined ? [] : [first] // one import, one finding: the first rule says what matters most
  })
}

// The supplier's suite runs the customer's expectations.
const exceptExpectations: typeof contractsOnly = (it) => {
  const { target } = it.edge
  if (target.kind === 'file' && target.file.includes(`${sep}expectations${sep}`)) return undefined
  return contractsOnly(it)
}

function placeOf(homes: readonly Home[], { target }: Edge): Checked['to'] {
  if (target.kind !== 'file') return undefined
  const home = homeOf(homes, target.file)
  return home && { home, layer: layerIn(home, target.file) }
}

function layerIn(home: Home, file: string): Layer | undefined {
  if (isPublished(home, file)) return undefined
  const folder = home.folders
    .filter((it) => file.startsWith(it + sep))
    .toSorted((a, b) => b.length - a.length)[0]
  return folder === undefined ? undefined : layerOf(folder, file)
}
