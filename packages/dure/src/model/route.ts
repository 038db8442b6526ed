import { fault } from '../kernel/errors/fault.ts'
import type { ContractCommand, ContractQuery } from './contract.ts'

/** A REST route: an alias at the edge for a command or a query of a contract. */
export interface Route {
  readonly kind: 'route'
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `/orders/:id`; parameters fill the fields of their name. */
  readonly path: string
  readonly target: ContractCommand<string, string, unknown> | ContractQuery<string, string, unknown, unknown>
}

const pattern = /^(GET|POST|PUT|PATCH|DELETE) (\/[A-Za-z0-9_\-./:]*)$/

/** Declares a REST route: `route('GET /orders/:id', Ordering.queries.orderById)`. Queries are GET, commands are not. */
export function route(at: string, target: Route['target']): Route {
  const match = pattern.exec(at)
  const reason =
    match === null
      ? 'it is not of the form "METHOD /path/:parameter".'
      : (match[1] === 'GET') !== (target.kind === 'contract-query')
        ? `a ${target.kind === 'contract-query' ? 'query is served by GET' : 'command is not served by GET'}.`
        : undefined
  if (match === null || reason !== undefined) {
    throw fault('DURE_MODEL_INVALID', {
      where: `route ${JSON.stringify(at)}`,
      reason: reason ?? '',
      fix: "Write it as 'GET /orders/:id' for a query, 'POST /orders' for a command.",
    })
  }
  return { kind: 'route', method: match[1] as Route['method'], path: match[2] as string, target }
}
