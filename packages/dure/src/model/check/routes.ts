import type { Fields } from '../../domain/fields/field.ts'
import type { ContextDefinition } from '../context.ts'
import type { Route } from '../route.ts'
import type { System } from '../system.ts'
import { finding, type Finding, type Rule } from './finding.ts'

/** Routes lead to what a contract of the system promises, one per request, and their parameters are fields there. */
export const routes: Rule = function* (system) {
  const seen = new Map<string, string>()
  for (const route of system.routes) {
    const name = `${route.method} ${route.path}`
    const where = `system ${system.name}, route ${name}`
    const shape = `${route.method} ${route.path.replace(/:[^/]*/g, ':').replace(/(?<=.)\/$/, '')}`
    const other = seen.get(shape)
    if (other !== undefined) yield finding('DURE_CHECK_ROUTE_TWICE', where, { route: name, other })
    else seen.set(shape, name)
    yield* checkTarget(system, where, route)
  }
}

function* checkTarget(system: System, where: string, { target, path }: Route): Generator<Finding> {
  const isQuery = target.kind === 'contract-query'
  const what = `${isQuery ? 'query' : 'command'} ${target.name}`
  const context = system.contexts.find(({ name }) => name === target.context)
  if (system.elsewhere.some(({ name }) => name === target.context)) {
    yield finding('DURE_CHECK_ROUTE_ELSEWHERE', where, { what, context: target.context })
    return
  }
  if (context === undefined) {
    const known = system.contexts.map(({ name }) => name)
    yield finding('DURE_CHECK_CONTEXT', where, { context: target.context, what: `The ${what}`, known })
    return
  }
  const promised = promises(context, isQuery)
  if (!Object.hasOwn(promised, target.name)) {
    yield finding('DURE_CHECK_PROMISE', where, { what, context: context.name, known: Object.keys(promised) })
    return
  }
  const fields = (isQuery ? target.in : target.fields) as Fields
  for (const [, parameter = ''] of path.matchAll(/:([^/]*)/g)) {
    if (Object.hasOwn(fields, parameter)) continue
    const details = { parameter, target: `${context.name}.${target.name}`, known: Object.keys(fields) }
    yield finding('DURE_CHECK_ROUTE_PARAMETER', where, details)
  }
}

function promises({ contract }: ContextDefinition, queries: boolean): object {
  return queries ? contract.queries : contract.commands
}
