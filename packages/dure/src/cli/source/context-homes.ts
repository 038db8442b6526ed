import { dirname, join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ContextDefinition } from '../../model/context.ts'
import type { System } from '../../model/system.ts'
import type { Module, ModuleReader } from './module-graph.ts'
import { manifestOf } from './resolve-import.ts'

/** Where the files of a context are. */
export interface Home {
  readonly context: ContextDefinition
  /** The folders whose files are its own; a folder further down may belong to another context. */
  readonly folders: readonly string[]
  /** The files that another context may import: they hold the contract and nothing of the inside. */
  readonly published: ReadonlySet<string>
  /** It is in another repository: of its files only those of the contract are here. */
  readonly foreign?: true
  /** The package that holds its contract and nothing else of the program, where there is one. */
  readonly contractPackage?: string
}

interface Found {
  readonly contracts: Module[]
  readonly contexts: Module[]
}

/** The modules that the system's module has loaded. */
export async function loadedBy(systemFile: string, reader: ModuleReader): Promise<readonly Module[]> {
  return reader.reach([systemFile], (edge) => !edge.typeOnly && !edge.dynamic)
}

/**
 * Finds where contexts live: by the modules that export their contract and their context(…), which are looked up among
 * those that the system's module has loaded anyway. Nothing is run a second time, and no folder needs a certain name.
 */
export async function findHomes(system: System, loaded: readonly Module[]): Promise<readonly Home[]> {
  const found = new Map<ContextDefinition, Found>(
    system.contexts.map((it) => [it, { contracts: [], contexts: [] }]),
  )
  for (const module of loaded) {
    const values = Object.values((await import(pathToFileURL(module.file).href)) as object)
    for (const [context, it] of found) {
      if (values.includes(context.contract)) it.contracts.push(module)
      if (values.some((value) => isContext(value, context))) it.contexts.push(module)
    }
  }
  const anchors = new Map([...found].map(([context, it]) => [context, anchorsOf(it)]))
  const inside = [...found.values()].flatMap((it) => it.contexts.map(({ file }) => file))
  const busy = new Set([loaded[0]?.file, ...inside].map((file) => file && manifestOf(file)?.folder))
  return system.contexts.map((context) => {
    const { contracts } = found.get(context) as Found
    const alone = origins(contracts)
      .map((it) => manifestOf(it.file)?.folder)
      .find((folder) => folder !== undefined && !busy.has(folder))
    return {
      context,
      folders: (anchors.get(context) ?? []).flatMap((file) => folderOf(context, file, anchors)),
      published: publishedOf(contracts),
      ...(alone !== undefined && { contractPackage: alone }),
    }
  })
}

function isContext(value: unknown, context: ContextDefinition): boolean {
  return typeof value === 'object' && value !== null && 'definition' in value && value.definition === context
}

function anchorsOf({ contracts, contexts }: Found): readonly string[] {
  return [...origins(contracts), ...origins(contexts)].map((it) => it.file)
}

/** Those that do not have it from another: the rest re-export. */
export function origins(modules: readonly Module[]): readonly Module[] {
  const files = new Set(modules.map((it) => it.file))
  return modules.filter((it) => !targets(it).some((file) => files.has(file) && file !== it.file))
}

function targets({ edges }: Module): readonly string[] {
  return edges.flatMap(({ target }) => (target.kind === 'file' ? [target.file] : []))
}

// A package that holds one context is its home; where it holds more, the folders of the files are.
function folderOf(
  context: ContextDefinition,
  file: string,
  anchors: ReadonlyMap<ContextDefinition, readonly string[]>,
): readonly string[] {
  const others = [...anchors].filter(([it]) => it !== context).flatMap(([, files]) => files)
  const folder = manifestOf(file)?.folder
  if (folder !== undefined && !others.some((it) => manifestOf(it)?.folder === folder)) return [folder]
  return others.some((it) => dirname(it) === dirname(file)) ? [] : [dirname(file)]
}

function publishedOf(contracts: readonly Module[]): ReadonlySet<string> {
  const published = new Set(origins(contracts).map((it) => it.file))
  for (const file of published) {
    // A contract in several files stands in a folder of that name.
    if (dirname(file).endsWith(`${sep}contract`)) published.add(join(dirname(file), sep))
  }
  const isPublished = (file: string): boolean =>
    published.has(file) || published.has(join(dirname(file), sep))
  for (const it of contracts) {
    if (it.edges.length > 0 && targets(it).length === it.edges.length && targets(it).every(isPublished)) {
      published.add(it.file)
    }
  }
  return published
}

/** Whether another context may import the file. */
export function isPublished({ published, contractPackage }: Home, file: string): boolean {
  if (contractPackage !== undefined && file.startsWith(contractPackage + sep)) return true
  return published.has(file) || published.has(join(dirname(file), sep))
}

/** The context that a file belongs to: the one with the deepest folder around it. */
export function homeOf(homes: readonly Home[], file: string): Home | undefined {
  let best: Home | undefined
  let depth = 0
  for (const home of homes) {
    // Of several contracts in one package, the file of each is its own.
    const isOwn = home.published.has(file)
    if (depth === 0 && isPublished(home, file) && (best === undefined || isOwn)) best = home
    for (const folder of home.folders) {
      if (folder.length > depth && file.startsWith(folder + sep)) {
        best = home
        depth = folder.length
      }
    }
  }
  return best
}
