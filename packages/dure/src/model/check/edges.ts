import type { Relation, RelationKind, System } from '../system.ts'
import { finding, type Rule } from './finding.ts'
import { subscriptionsOf } from './subscriptions.ts'

/** A relation between two contexts, without the shared kernels. */
export type Edge = Extract<Relation, { readonly upstream: unknown }>

/** The edge that lets `downstream` use `upstream`. */
export function edgeBetween(system: System, downstream: string, upstream: string): Edge | undefined {
  return system.map.find(
    (it): it is Edge =>
      'upstream' in it && it.upstream.name === upstream && it.downstream.name === downstream,
  )
}

/** Relations under which the words of the upstream context stop at the edge. */
export function keepsOut(kind: RelationKind): boolean {
  return kind === 'anti-corruption' || kind === 'customer-supplier'
}

/** No edge: no call, no subscription. And where the edge keeps upstream words out, only translators name them. */
export const edgesAllow: Rule = function* (system) {
  for (const context of system.contexts) {
    for (const { from, event, where, by } of subscriptionsOf(context)) {
      if (from === undefined || from === context.name) continue
      const edge = edgeBetween(system, context.name, from)
      if (edge === undefined) {
        const what = `the event ${event.name}`
        yield finding('DURE_RELATION_MISSING', where, { from: context.name, to: from, what })
      } else if (by !== 'translator' && keepsOut(edge.as)) {
        const details = { event: event.name, upstream: from, downstream: context.name, as: edge.as }
        yield finding('DURE_CHECK_TRANSLATOR', where, details)
      }
    }
  }
}
