import type { ContextDefinition } from '../context.ts'
import type { Route } from '../route.ts'
import { contractShapes } from '../promises/contract-shapes.ts'
import type { System } from '../system.ts'
import { describeAttached } from './describe-attached.ts'
import {
  describeAggregate,
  describeContract,
  describeJobs,
  describePolicies,
  describePollers,
  describeTranslators,
  describeViews,
} from './describe-context.ts'
import { classesOf, referencesOf } from './describe-fields.ts'
import type {
  ContextDescription,
  ModelDescription,
  RelationDescription,
  RouteDescription,
} from './model-format.ts'

/** The whole model as JSON, without functions and source text: what pictures, documents and manifests are made from. */
export function describeModel(system: System): ModelDescription {
  return {
    format: 'dure-model/1',
    system: system.name,
    contexts: system.contexts.map(describeContext),
    elsewhere: system.elsewhere.map((it) => ({ name: it.name as string, shapes: contractShapes(it) })),
    relations: system.map.flatMap((it): readonly RelationDescription[] =>
      'upstream' in it
        ? [{ upstream: it.upstream.name as string, downstream: it.downstream.name as string, as: it.as }]
        : [],
    ),
    sharedKernels: system.map.flatMap((it) =>
      'sharedKernel' in it
        ? [{ package: it.sharedKernel, between: it.between.map(({ name }) => name as string) }]
        : [],
    ),
    routes: system.routes.map(describeRoute),
  }
}

function describeContext(context: ContextDefinition): ContextDescription {
  return {
    name: context.name,
    contract: describeContract(context),
    shapes: contractShapes(context.contract),
    aggregates: context.aggregates.map((it) => describeAggregate(it.definition)),
    classes: classesOf(context),
    references: referencesOf(context),
    views: describeViews(context),
    policies: describePolicies(context),
    jobs: describeJobs(context),
    pollers: describePollers(context),
    translators: describeTranslators(context),
    services: context.services.map((it) => it.domainName),
    attached: describeAttached(context),
  }
}

function describeRoute({ method, path, target }: Route): RouteDescription {
  const what = target.kind === 'contract-query' ? { query: target.name } : { command: target.name }
  return { method, path, context: target.context, ...what }
}
