import { finding, type Finding } from '../../model/check/finding.ts'
import type { System } from '../../model/system.ts'
import type { Home } from './context-homes.ts'
import type { Edge, Module } from './module-graph.ts'
import type { Layer } from './layers.ts'

/** A finding at a place in a file. */
export interface SourceFinding extends Finding {
  readonly file: string
  readonly line: number
}

/** What the rules know of one import of one file of a context. */
export interface Checked {
  readonly system: System
  readonly home: Home
  readonly module: Module
  readonly layer: Layer | undefined
  readonly edge: Edge
  /** The context, and the layer there, that the import leads to, if to one. */
  readonly to: { readonly home: Home; readonly layer: Layer | undefined } | undefined
  /** The shared kernel that the import leads to. */
  readonly kernel: { readonly name: string; readonly between: readonly string[] } | undefined
  readonly pure: ReadonlySet<string>
}

/** Makes the finding of a rule; `where` is completed with the path by who reports. */
export function at(
  { module, edge }: Pick<Checked, 'module' | 'edge'>,
  ...[code, details]: CodeAndDetails
): SourceFinding {
  return { ...finding(code, '', details as never), file: module.file, line: edge.line }
}

type SourceCode =
  | 'DURE_SOURCE_LAYER'
  | 'DURE_SOURCE_DOMAIN'
  | 'DURE_SOURCE_INSIDE'
  | 'DURE_SOURCE_EDGE'
  | 'DURE_SOURCE_KERNEL'
  | 'DURE_SOURCE_CONTRACT'
type CodeAndDetails = { [C in SourceCode]: [code: C, details: Parameters<typeof finding<C>>[2]] }[SourceCode]
