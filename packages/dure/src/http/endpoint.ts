import type { AnyAggregate } from '../domain/aggregate.ts'
import type { AggregateDefinition } from '../domain/aggregate-definition.ts'
import type { AnyCommand } from '../domain/command.ts'
import type { Field, Fields } from '../domain/fields/field.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { ContextDefinition } from '../model/context.ts'
import type { ContractCommand, ContractQuery } from '../model/contract.ts'
import { jsonSchemaOf } from '../model/json-schema.ts'
import type { Route } from '../model/route.ts'
import { servicePath } from '../model/service-path.ts'
import type { System } from '../model/system.ts'

interface EndpointBase {
  readonly method: Route['method']
  /** With parameters as `:name`. */
  readonly path: string
  readonly parameters: readonly string[]
  readonly context: string
  /** The name in the contract. */
  readonly name: string
  readonly fields: Fields
  /** Unique, and plain enough for the name of a function in a generated client. */
  readonly operationId: string
}

/** Where a command is taken. */
export interface CommandEndpoint extends EndpointBase {
  readonly kind: 'command'
  /** Undefined where the command belongs to a context that this system only knows by contract. */
  readonly aggregate: AggregateDefinition | undefined
  readonly creates: boolean
  /** What stands before and after the id in the path where the created can be read. */
  readonly location: readonly [before: string, after: string] | undefined
}

/** Where a query is answered. */
export interface QueryEndpoint extends EndpointBase {
  readonly kind: 'query'
  readonly out: Fields | Field
}

export type Endpoint = CommandEndpoint | QueryEndpoint

const RESERVED = /^\/(c|q|e|healthz|readyz|openapi\.json|reference)(\/|$)/

/**
 * Everything that a system answers, as data: what the server registers and the document describes.
 * @throws DURE_MODEL_INVALID, DURE_MODEL_DUPLICATE where a route contradicts its target or another route
 */
export function endpointsOf(system: System): readonly Endpoint[] {
  const made: Endpoint[] = []
  const ids = new Set<string>()
  const add = (it: Endpoint): void => {
    let operationId = it.operationId
    for (let n = 2; ids.has(operationId); n++) operationId = `${it.operationId}_${n}`
    ids.add(operationId)
    made.push({ ...it, operationId })
  }
  for (const { contract } of system.contexts) {
    for (const it of Object.values(contract.commands) as ContractCommand<string, string, Fields>[]) {
      add(commandEndpoint(system, it, 'POST', servicePath('c', it.context, it.name)))
    }
    for (const it of Object.values(contract.queries) as ContractQuery<string, string, Fields, Fields>[]) {
      add(queryEndpoint(it, 'GET', servicePath('q', it.context, it.name)))
      add(queryEndpoint(it, 'POST', servicePath('q', it.context, it.name)))
    }
  }
  for (const it of system.routes) add(routeEndpoint(system, it))
  return made
}

function routeEndpoint(system: System, { method, path, target }: Route): Endpoint {
  const where = `route ${method} ${path}`
  const same = system.routes.filter(
    (it) => it.method === method && shapeOfPath(it.path) === shapeOfPath(path),
  )
  if (same.length > 1) {
    throw fault('DURE_MODEL_DUPLICATE', {
      what: 'a route',
      name: `${method} ${path}`,
      where: `system ${system.name}`,
    })
  }
  if (RESERVED.test(path)) {
    const fix =
      'Choose another path; /c, /q, /healthz, /readyz, /openapi.json and /reference are taken by Dure.'
    throw fault('DURE_MODEL_INVALID', { where, reason: 'this path belongs to Dure.', fix })
  }
  const made =
    target.kind === 'contract-command'
      ? commandEndpoint(system, target as ContractCommand<string, string, Fields>, method, path)
      : queryEndpoint(target as ContractQuery<string, string, Fields, Fields>, method, path)
  const unknown = made.parameters.find((it) => !Object.hasOwn(made.fields, it))
  if (unknown !== undefined) {
    const reason = `:${unknown} is not a field of ${target.context}.${target.name}.`
    throw fault('DURE_MODEL_INVALID', {
      where,
      reason,
      fix: `Name one of ${Object.keys(made.fields).join(', ')}.`,
    })
  }
  return made
}

function commandEndpoint(
  system: System,
  target: ContractCommand<string, string, Fields>,
  method: Route['method'],
  path: string,
): CommandEndpoint {
  const context = system.contexts.find((it) => it.name === target.context)
  const kept = context === undefined ? undefined : keptBy(context, target.name)
  const aggregate = aggregateOf(context, kept?.aggregate)
  const creates = kept?.mode === 'creates'
  return {
    kind: 'command',
    ...base(target, method, path),
    fields: target.fields,
    aggregate,
    creates,
    location:
      creates && aggregate !== undefined ? locationOf(system, target.context, aggregate.name) : undefined,
  }
}

function queryEndpoint(
  target: ContractQuery<string, string, Fields, Fields>,
  method: Route['method'],
  path: string,
): QueryEndpoint {
  return { kind: 'query', ...base(target, method, path), fields: target.in, out: target.out }
}

function base(
  target: { readonly context: string; readonly name: string },
  method: Route['method'],
  path: string,
): Omit<EndpointBase, 'fields'> {
  return {
    method,
    path,
    parameters: [...path.matchAll(/:(\w+)/g)].map((it) => it[1] as string),
    context: target.context,
    name: target.name,
    operationId: `${target.context}_${target.name}`,
  }
}

/** Paths that differ only in the names of their parameters answer the same requests. */
function shapeOfPath(path: string): string {
  return path.replaceAll(/:\w+/g, ':')
}

function keptBy(context: ContextDefinition, name: string): AnyCommand | undefined {
  const it = context.commands.get(name)
  return it?.kind === 'handler' ? it.command : it
}

function aggregateOf(
  context: ContextDefinition | undefined,
  name: string | undefined,
): AggregateDefinition | undefined {
  const it = context?.aggregates.find((aggregate: AnyAggregate) => aggregate.name === name)
  return (it as unknown as { readonly definition: AggregateDefinition } | undefined)?.definition
}

// The query that reads one aggregate of this kind: its only parameter is `id`, and a reference to it.
function locationOf(system: System, context: string, aggregate: string): CommandEndpoint['location'] {
  const found = system.routes.find(({ target, path }) => {
    if (target.kind !== 'contract-query' || target.context !== context) return false
    const names = [...path.matchAll(/:(\w+)/g)].map((it) => it[1])
    if (names.length !== 1 || names[0] !== 'id') return false
    const id = jsonSchemaOf(target.in as Fields, { direction: 'input' })['properties'] as {
      id?: { 'x-ref'?: string }
    }
    return id.id?.['x-ref'] === aggregate
  })
  const [before, after] = found?.path.split(':id') ?? []
  return before === undefined || after === undefined ? undefined : [before, after]
}
