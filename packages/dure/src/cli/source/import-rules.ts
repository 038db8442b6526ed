import { edgeBetween, keepsOut } from '../../model/check/edges.ts'
import { isPublished } from './context-homes.ts'
import { inward } from './layers.ts'
import type { Edge, Module } from './module-graph.ts'
import type { Target } from './resolve-import.ts'
import { at, type Checked, type SourceFinding } from './source-finding.ts'

type ImportRule = (it: Checked) => SourceFinding | undefined

/** Of another context, only its contract. */
export const contractsOnly: ImportRule = (it) => {
  const { home, to, edge } = it
  if (to === undefined || to.home === home || edge.target.kind !== 'file') return undefined
  if (isPublished(to.home, edge.target.file)) return undefined
  const [context, other] = [home.context.name, to.home.context.name]
  return at(it, 'DURE_SOURCE_INSIDE', { import: edge.specifier, context, other })
}

/** Of another context's contract, only what the context map allows. */
const edgesOnly: ImportRule = (it) => {
  const { system, home, to, edge } = it
  if (to === undefined || to.home === home) return undefined
  const [context, other] = [home.context.name, to.home.context.name]
  if (edgeBetween(system, context, other) !== undefined) return undefined
  return at(it, 'DURE_SOURCE_EDGE', { import: edge.specifier, context, other })
}

/** Of shared kernels, only those that the context shares. */
const sharedKernelsOnly: ImportRule = (it) => {
  const { home, kernel, edge } = it
  if (kernel === undefined || kernel.between.includes(home.context.name)) return undefined
  const { between } = kernel
  return at(it, 'DURE_SOURCE_KERNEL', { import: edge.specifier, context: home.context.name, between })
}

/** A contract stands on its own. */
const contractIsClosed: ImportRule = (it) => {
  const { home, module, to, edge } = it
  if (!isPublished(home, module.file) || to?.home !== home || edge.target.kind !== 'file') return undefined
  if (isPublished(home, edge.target.file)) return undefined
  return at(it, 'DURE_SOURCE_CONTRACT', { import: edge.specifier, context: home.context.name })
}

/** Inside a context, arrows point from api to app to domain; nothing imports infrastructure but the wiring. */
const arrowsPointInward: ImportRule = (it) => {
  const { home, layer, to, edge } = it
  if (layer === undefined || layer === 'domain' || to?.home !== home) return undefined
  if (to.layer === undefined || to.layer === layer || inward[layer].includes(to.layer)) return undefined
  return at(it, 'DURE_SOURCE_LAYER', { import: edge.specifier, layer, found: to.layer })
}

/** The domain, and the contract that it may import, import what is pure and nothing of the other layers. */
const domainIsPure: ImportRule = (it) => {
  const part =
    it.layer === 'domain' ? 'domain' : isPublished(it.home, it.module.file) ? 'contract' : undefined
  if (part === undefined || it.kernel !== undefined) return undefined
  const { target, specifier } = it.edge
  const wrong =
    it.to?.home.foreign === true
      ? upstreamImpurity(it)
      : (impurity(target, it.pure) ?? fileImpurityOf(it, target))
  return wrong && at(it, 'DURE_SOURCE_DOMAIN', { part, import: specifier, ...wrong })
}

/** A shared kernel is part of the domains that share it, so it is as pure, and knows no context. */
export function kernelIsPure(
  module: Module,
  edge: Edge,
  pure: ReadonlySet<string>,
  inContext: string | undefined,
): SourceFinding | undefined {
  const wrong =
    inContext === undefined
      ? impurity(edge.target, pure)
      : { reason: `it is of ${inContext}.`, fix: 'Turn the arrow: contexts import the kernel.' }
  return (
    wrong &&
    at({ module, edge }, 'DURE_SOURCE_DOMAIN', { part: 'shared kernel', import: edge.specifier, ...wrong })
  )
}

function fileImpurityOf(it: Checked, target: Target): Wrong | undefined {
  return target.kind === 'file' ? fileImpurity(it, target) : undefined
}

interface Wrong {
  readonly reason: string
  readonly fix: string
}

// What is missing, the compiler says better.
export function impurity(target: Target, pure: ReadonlySet<string>): Wrong | undefined {
  if (target.kind === 'builtin') {
    return {
      reason: 'the platform is not part of the domain.',
      fix: 'Let a handler of app/ look it up and hand the value to the command.',
    }
  }
  return target.kind === 'package' ? packageImpurity(target.name, target.subpath, pure) : undefined
}

function packageImpurity(name: string, subpath: string, pure: ReadonlySet<string>): Wrong | undefined {
  if (name === 'dure') {
    if (subpath === '.') return undefined
    return {
      reason: 'only the root of dure is for the domain.',
      fix: "Import from 'dure', or move the file out of domain/.",
    }
  }
  if (pure.has(name)) return undefined
  return {
    reason: 'the package is not known to be pure.',
    fix: `Move its use to app/ or infrastructure/; if it only computes: "dure": { "pure": ["${name}"] } in package.json.`,
  }
}

type FileTarget = Extract<Target, { readonly kind: 'file' }>

function fileImpurity(it: Checked, target: FileTarget): Wrong | undefined {
  const { home, to, pure } = it
  if (target.package !== undefined && pure.has(target.package)) return undefined
  if (to === undefined) {
    return {
      reason: 'the file belongs to no context.',
      fix: 'Move it into domain/, or declare it a shared kernel.',
    }
  }
  if (to.home === home) {
    if (to.layer === 'domain' || isPublished(home, target.file)) return undefined
    const found = to.layer === undefined ? 'outside of domain/' : `in ${to.layer}/`
    return { reason: `it is ${found}.`, fix: 'Turn the arrow, or move what the domain needs into domain/.' }
  }
  return upstreamImpurity(it)
}

/** Of another context's contract: words that the relation keeps out. */
function upstreamImpurity({ system, home, to }: Checked): Wrong | undefined {
  const upstream = to?.home.context.name ?? ''
  const kind = edgeBetween(system, home.context.name, upstream)?.as
  if (kind === undefined || !keepsOut(kind)) return undefined // another rule's matter
  return {
    reason: `the relation to ${upstream} is ${kind}, so its words stop at the edge.`,
    fix: `Translate in app/: translate(${upstream}.events.…).into(…); or make the relation conformist.`,
  }
}

/** For every file of a context. */
export const importRules: readonly ImportRule[] = [
  contractsOnly,
  edgesOnly,
  sharedKernelsOnly,
  contractIsClosed,
  arrowsPointInward,
  domainIsPure,
]
