import { finding, type Finding } from '../check/finding.ts'
import { nearest } from '../check/nearest.ts'
import type { ContextDescription, ModelDescription, RelationDescription } from '../describe/model-format.ts'
import { brokenPromises } from './broken-promises.ts'

/** The model of one repository. */
export interface ModelOfRepository {
  /** Where it was read, or what it is called: `the model here`. */
  readonly from: string
  readonly model: ModelDescription
}

/** The models of several repositories as one, and what they say against each other. */
export interface JoinedModels {
  readonly model: ModelDescription
  readonly findings: readonly Finding[]
}

/**
 * Joins the models of repositories into the system that they make together. The system has the name of the first. Where two
 * say different things of one context or relation, the first is in the joined model, and a finding names both.
 */
export function joinModels(models: readonly [ModelOfRepository, ...ModelOfRepository[]]): JoinedModels {
  const [first] = models
  const owners = new Map<string, Owner>()
  const findings: Finding[] = []
  for (const { from, model } of models) {
    if (model.system !== first.model.system) {
      const systems = [first.model.system, model.system] as const
      findings.push(finding('DURE_JOIN_SYSTEM', from, { here: systems[0], there: systems[1] }))
    }
    for (const context of model.contexts) {
      const other = owners.get(context.name)
      if (other === undefined) owners.set(context.name, { from, context })
      else findings.push(finding('DURE_JOIN_OWNER', from, { context: context.name, other: other.from }))
    }
  }
  for (const it of models) findings.push(...heldAgainst(owners, it))
  const relations = new Map<string, RelationDescription & { readonly from: string }>()
  for (const { from, model } of models) {
    for (const it of model.relations) {
      findings.push(...relationHolds(owners, from, it, relations.get(keyOf(it))))
      if (!relations.has(keyOf(it))) relations.set(keyOf(it), { ...it, from })
    }
  }
  const all = models.map((it) => it.model)
  return {
    findings,
    model: {
      format: 'dure-model/1',
      system: first.model.system,
      contexts: [...owners.values()].map((it) => it.context),
      elsewhere: firstOf(all.flatMap((it) => it.elsewhere)).filter((it) => !owners.has(it.name)),
      relations: [...relations.values()].map(({ upstream, downstream, as }) => ({
        upstream,
        downstream,
        as,
      })),
      sharedKernels: kernelsOf(all),
      routes: all.flatMap((it) => it.routes),
    },
  }
}

interface Owner {
  readonly from: string
  readonly context: ContextDescription
}

/** Each contract that a repository was written against has an owner, who keeps it. */
function* heldAgainst(
  owners: ReadonlyMap<string, Owner>,
  { from, model }: ModelOfRepository,
): Generator<Finding> {
  for (const { name, shapes } of model.elsewhere) {
    const owner = owners.get(name)
    if (owner === undefined) {
      yield nowhere(owners, `${from}, elsewhere ${name}`, name)
      continue
    }
    for (const { what, problem } of brokenPromises(shapes, owner.context.shapes)) {
      const details = { context: name, what, problem, owner: owner.from }
      yield finding('DURE_JOIN_CONTRACT', `${from}, contract ${name}`, details)
    }
  }
}

function* relationHolds(
  owners: ReadonlyMap<string, Owner>,
  from: string,
  it: RelationDescription,
  other: (RelationDescription & { readonly from: string }) | undefined,
): Generator<Finding> {
  const where = `${from}, relation ${it.upstream} → ${it.downstream}`
  for (const name of [it.upstream, it.downstream]) if (!owners.has(name)) yield nowhere(owners, where, name)
  if (other === undefined || other.as === it.as) return
  yield finding('DURE_JOIN_RELATION', where, { as: it.as, other: other.as, from: other.from })
}

function nowhere(owners: ReadonlyMap<string, Owner>, where: string, context: string): Finding {
  const known = [...owners.keys()]
  return finding('DURE_JOIN_NOWHERE', where, { context, known, near: nearest(context, known) ?? null })
}

const keyOf = ({ upstream, downstream }: RelationDescription): string => `${upstream}\n${downstream}`

function firstOf<T extends { readonly name: string }>(all: readonly T[]): readonly T[] {
  return all.filter((it, i) => all.findIndex(({ name }) => name === it.name) === i)
}

/** A kernel by its package, shared between all that anybody says. */
function kernelsOf(all: readonly ModelDescription[]): ModelDescription['sharedKernels'] {
  const kernels = Map.groupBy(
    all.flatMap((it) => it.sharedKernels),
    (it) => it.package,
  )
  return [...kernels].map(([name, them]) => ({
    package: name,
    between: [...new Set(them.flatMap((it) => it.between))],
  }))
}
