import type { AnyContract } from '../contract.ts'
import { contractsOf, type System } from '../system.ts'
import type { Edge } from './edges.ts'
import { finding, type Finding, type Rule } from './finding.ts'

/** The context map names contexts of the system, each pair once, and shares kernels between two or more. */
export const contextMap: Rule = function* (system) {
  const seen = new Set<string>()
  for (const it of system.map) {
    if ('upstream' in it) yield* checkEdge(system, it, seen)
    else yield* checkKernel(system, it.sharedKernel, it.between)
  }
}

const at = (system: System, what: string): string => `system ${system.name}, ${what}`
const wrong = (where: string, problem: string, fix: string): Finding =>
  finding('DURE_CHECK_MAP', where, { problem, fix })

function* checkEdge(system: System, it: Edge, seen: Set<string>): Generator<Finding> {
  const up = it.upstream.name as string
  const down = it.downstream.name as string
  const where = at(system, `relation ${up} → ${down}`)
  yield* inSystem(system, where, [it.upstream, it.downstream])
  const key = `${up}\n${down}`
  if (up === down)
    yield wrong(where, `${up} is related to itself.`, 'Remove the relation: inside needs no edge.')
  else if (seen.has(key)) {
    yield wrong(where, `${up} and ${down} are related twice in this direction.`, 'Keep the one that holds.')
  }
  seen.add(key)
  if (it.as === 'open-host' && promisesNothing(it.upstream)) {
    yield finding('DURE_CHECK_OPEN_HOST', where, { upstream: up })
  }
}

function* checkKernel(system: System, name: string, between: readonly AnyContract[]): Generator<Finding> {
  const where = at(system, `shared kernel ${name}`)
  yield* inSystem(system, where, between)
  if (new Set(between.map((it) => it.name as string)).size < 2) {
    yield wrong(
      where,
      `${name} is shared between fewer than two contexts.`,
      'Name all that share it in `between`.',
    )
  }
}

function* inSystem(system: System, where: string, contracts: readonly AnyContract[]): Generator<Finding> {
  const known = contractsOf(system).map(({ name }) => name as string)
  for (const { name } of contracts) {
    const context = name as string
    if (known.includes(context)) continue
    yield finding('DURE_CHECK_CONTEXT', where, { context, what: 'One side of it', known })
  }
}

function promisesNothing({ commands, events, queries }: AnyContract): boolean {
  return [commands, events, queries].every((it) => Object.keys(it as object).length === 0)
}
