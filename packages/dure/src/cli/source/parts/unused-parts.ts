import { pathToFileURL } from 'node:url'
import { finding } from '../../../model/check/finding.ts'
import type { ContextDefinition, Part } from '../../../model/context.ts'
import type { System } from '../../../model/system.ts'
import { origins, type Home } from '../context-homes.ts'
import { isTest } from '../layers.ts'
import type { Module } from '../module-graph.ts'
import { readExports, type Export } from './part-exports.ts'
import type { SourceFinding } from '../source-finding.ts'

/** Parts that do nothing unless a context lists them. A domain service is a function that anyone may call. */
type Listed = Exclude<Part, { readonly kind: 'domain-service' }>

const kinds = new Set<unknown>([
  'aggregate',
  'view',
  'policy',
  'job',
  'poller',
  'translator',
  'settings',
  'resource',
])

/**
 * Parts that a file of a context exports and no context lists. Those of modules that the system has loaded are compared by
 * identity. A module that it has not loaded can have none that is listed, and is only read: to load it would run it.
 */
export async function unusedParts(
  system: System,
  home: Home,
  modules: readonly Module[],
  loaded: readonly Module[],
): Promise<readonly SourceFinding[]> {
  const own = modules.filter((it) => it.unreadable === undefined && !isTest(it.file))
  const known = new Set(loaded.map((it) => it.file))
  const unread = await Promise.all(own.filter((it) => !known.has(it.file)).map((it) => unloaded(home, it)))
  const compared = await unlisted(
    system,
    home,
    own.filter((it) => known.has(it.file)),
  )
  return [...compared, ...unread.flat()]
}

async function unloaded(home: Home, module: Module): Promise<readonly SourceFinding[]> {
  if (!module.edges.some((it) => it.specifier === 'dure' && !it.typeOnly)) return []
  const exports = await readExports(module.file)
  return exports.flatMap((it) => (it.part === undefined ? [] : [reported(home, module, it, it.part)]))
}

async function unlisted(
  system: System,
  home: Home,
  modules: readonly Module[],
): Promise<readonly SourceFinding[]> {
  const exporters = new Map<Listed, Map<Module, string>>()
  for (const module of modules) {
    for (const [name, part] of await partsIn(module)) {
      if (isListed(system, home, part)) continue
      exporters.set(part, (exporters.get(part) ?? new Map<Module, string>()).set(module, name))
    }
  }
  const findings = [...exporters].flatMap(([part, names]) =>
    origins([...names.keys()]).map(async (module) => {
      const name = names.get(module) as string
      const written = (await readExports(module.file)).find((it) => it.name === name)
      return reported(home, module, written ?? { name, line: 1 }, part.kind)
    }),
  )
  return Promise.all(findings)
}

async function partsIn({ file }: Module): Promise<readonly (readonly [name: string, part: Listed])[]> {
  const exported = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>
  return Object.entries(exported).filter((it): it is [string, Listed] => isPart(it[1]))
}

function isPart(value: unknown): value is Listed {
  return typeof value === 'object' && value !== null && 'kind' in value && kinds.has(value.kind)
}

function isListed({ contexts, config }: System, { context }: Home, part: Listed): boolean {
  if (config.some((it) => it === part)) return true
  if (contexts.some((it) => partsOf(it).includes(part))) return true
  // A step on the way to the one that is listed: every .on(…) and .command(…) makes a new one of the same name.
  return (
    part.kind !== 'translator' &&
    partsOf(context).some((it) => it.kind === part.kind && it.name === part.name)
  )
}

function partsOf(it: ContextDefinition): readonly Listed[] {
  const { aggregates, views, policies, jobs, pollers, translators, attached } = it
  return [...aggregates, ...views, ...policies, ...jobs, ...pollers, ...translators, ...attached]
}

function reported(
  { context }: Home,
  { file }: Module,
  { name, line }: Pick<Export, 'name' | 'line'>,
  part: string,
): SourceFinding {
  const details = { part, export: name, context: context.name }
  return { ...finding('DURE_SOURCE_UNUSED_PART', '', details, 'warning'), file, line }
}
