import type { Field, Fields } from '../../domain/fields/field.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { Identity } from '../../identity/identity.ts'
import { decidesAccess } from '../../model/access/decisions.ts'
import type { AnyContract, ContractEvent } from '../../model/contract.ts'
import type { ContextDefinition } from '../../model/context.ts'
import { fieldSchemaOf, jsonSchemaOf } from '../../model/json-schema.ts'
import type { System } from '../../model/system.ts'
import { Components, used } from './openapi-components.ts'
import { endpointsOf, type CommandEndpoint, type Endpoint, type QueryEndpoint } from '../endpoint.ts'
import {
  commandHeaders,
  fixedComponents,
  problemResponses,
  queryHeaders,
  responseHeaders,
} from './openapi-fixed.ts'

import { schemesOf, securityOf } from './openapi-security.ts'

/** An OpenAPI 3.1 document, as data. */
export interface OpenApi {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: JsonObject
  readonly security: readonly []
  readonly servers: readonly { readonly url: string }[]
}

/** One operation of the document. */
export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  /** Any of these; absent where the system does not say who may. */
  readonly security?: readonly JsonObject[]
  readonly parameters: readonly JsonObject[]
  readonly requestBody?: JsonObject
  readonly responses: Readonly<Record<string, JsonObject>>
}

/** The OpenAPI 3.1 document of a system: a function of the model and of how callers say who they are, the same each time. */
export function openApiOf(system: System, version = '0', identities?: readonly Identity[]): OpenApi {
  const schemes = schemesOf(identities)
  const security = securityOf(system, schemes)
  const components = new Components(fixedComponents.schemas)
  const paths: Record<string, Record<string, Operation>> = {}
  const contexts = new Map(system.contexts.map((it) => [it.name, it]))
  for (const it of endpointsOf(system)) {
    const path = it.path.replaceAll(/:(\w+)/g, '{$1}')
    const operations = (paths[path] ??= {})
    const made =
      it.kind === 'command'
        ? commandOperation(it, contexts.get(it.context)?.contract, components)
        : queryOperation(it, components)
    const { responses, ...secured } = security(it)
    operations[it.method.toLowerCase()] = {
      ...made,
      ...secured,
      responses: { ...made.responses, ...responses },
    }
  }
  return {
    openapi: '3.1.1',
    info: { title: system.name, version },
    servers: [{ url: '/' }],
    security: [],
    tags: system.contexts.map(tagOf),
    paths,
    components: {
      ...used({ ...fixedComponents, schemas: components.schemas() }, paths),
      ...(decidesAccess(system) && { securitySchemes: schemes }),
    },
  }
}

function tagOf({ name, aggregates }: ContextDefinition): { name: string; description: string } {
  const kinds = aggregates.map((it) => it.name).join(', ')
  return { name, description: `The bounded context ${name}${kinds === '' ? '' : `: ${kinds}`}.` }
}

function commandOperation(
  it: CommandEndpoint,
  contract: AnyContract | undefined,
  components: Components,
): Operation {
  const done = {
    description: it.creates ? 'Created.' : 'Done.',
    headers: it.location === undefined ? responseHeaders.changed : responseHeaders.created,
    content: json(replySchema(it, contract, components)),
  }
  const body = bodyOf(it, components)
  return {
    operationId: it.operationId,
    tags: [it.context],
    summary: `Command ${it.name}`,
    parameters: [...pathParameters(it, components), ...commandHeaders],
    ...(body !== undefined && { requestBody: body }),
    responses: {
      [it.creates ? '201' : '200']: done,
      ...problemResponses(['400', '404', '409', '412', '413', '415', '503']),
      '422': {
        description: 'The domain said no, or the idempotency key was used for another request.',
        content: problemJson(noSchema(it, contract, components)),
      },
    },
  }
}

function queryOperation(it: QueryEndpoint, components: Components): Operation {
  const out = isField(it.out)
    ? fieldSchemaOf(it.out, { direction: 'output' })
    : jsonSchemaOf(it.out, { direction: 'output' })
  const body = it.method === 'GET' ? undefined : bodyOf(it, components)
  const inUrl = it.method === 'GET' ? queryParameters(it, components) : []
  return {
    operationId: it.operationId,
    tags: [it.context],
    summary: `Query ${it.name}`,
    parameters: [...pathParameters(it, components), ...inUrl, ...queryHeaders],
    ...(body !== undefined && { requestBody: body }),
    responses: {
      '200': { description: 'The answer.', content: json(components.add(out, it.context)) },
      ...problemResponses(it.method === 'GET' ? ['400', '404', '503'] : ['400', '404', '413', '415', '503']),
    },
  }
}

function pathParameters(it: Endpoint, components: Components): readonly JsonObject[] {
  const { properties } = shapeIn(it, it.parameters, components)
  return it.parameters.map((name) => ({ name, in: 'path', required: true, schema: properties[name] ?? {} }))
}

function queryParameters(it: QueryEndpoint, components: Components): readonly JsonObject[] {
  const { properties, required } = shapeIn(it, restOf(it), components)
  return restOf(it).map((name) => {
    const schema = properties[name] ?? {}
    const parameter = { name, in: 'query', required: required.includes(name) }
    // What is no list of plain values is one JSON text.
    return components.isObject(schema) ? { ...parameter, content: json(schema) } : { ...parameter, schema }
  })
}

function bodyOf(it: Endpoint, components: Components): JsonObject | undefined {
  const names = restOf(it)
  if (names.length === 0 && it.parameters.length > 0) return undefined
  const schema = components.add(jsonSchemaOf(pick(it.fields, names), { direction: 'input' }), it.context)
  return { required: 'required' in schema, content: json(schema) }
}

function restOf(it: Endpoint): readonly string[] {
  return Object.keys(it.fields).filter((name) => !it.parameters.includes(name))
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, fields[name] as Field]))
}

function shapeIn(it: Endpoint, names: readonly string[], components: Components) {
  const schema = components.add(jsonSchemaOf(pick(it.fields, names), { direction: 'input' }), it.context)
  return {
    properties: schema['properties'] as Readonly<Record<string, JsonObject>>,
    required: (schema['required'] ?? []) as readonly string[],
  }
}

// What was published comes with the reply, so its shape is that of any event of the contract.
function replySchema(it: Endpoint, contract: AnyContract | undefined, components: Components): JsonObject {
  const events = Object.values(contract?.events ?? {}) as ContractEvent<string, string, Fields>[]
  const kinds = events.map((event) => ({
    type: 'object',
    required: ['type', 'data'],
    properties: { type: { const: event.name }, data: out(event.fields, it.context, components) },
  }))
  return components.named(`${it.context}.Reply`, {
    type: 'object',
    required: ['id', 'version', 'token', 'events'],
    properties: {
      id: { type: 'string', description: 'Id of the aggregate.' },
      version: { type: 'integer', minimum: 1, description: 'Its version afterwards; also in ETag.' },
      token: { type: 'string', description: 'Send it as dure-token with what depends on this command.' },
      events: {
        type: 'array',
        description: 'What was published.',
        items: oneOf(kinds),
      },
    },
  })
}

// The contract's reasons to say no that the command's aggregate knows; which of them this one command may give, only the
// compiler knows.
function noSchema(
  it: CommandEndpoint,
  contract: AnyContract | undefined,
  components: Components,
): JsonObject {
  const declared = Object.entries((contract?.rejections ?? {}) as Readonly<Record<string, Fields>>)
  const met = declared.filter(([name]) => it.aggregate?.rejections.has(name) ?? true)
  const rejections = met.map(([name, fields]) =>
    components.named(`${it.context}.Rejected.${name}`, {
      allOf: [{ $ref: '#/components/schemas/Problem' }],
      type: 'object',
      required: ['rejected', 'data'],
      properties: {
        code: { const: 'DURE_REJECTED' },
        rejected: { const: name },
        data: out(fields, it.context, components),
      },
    }),
  )
  const reused = { $ref: '#/components/schemas/KeyReused' }
  return oneOf([...rejections, reused])
}

function oneOf(schemas: readonly JsonObject[]): JsonObject {
  return schemas.length > 1 ? { oneOf: schemas } : (schemas[0] ?? {})
}

function out(fields: Fields, context: string, components: Components): JsonObject {
  return components.add(jsonSchemaOf(fields, { direction: 'output' }), context)
}

function isField(it: Fields | Field): it is Field {
  return typeof it === 'function' || '~standard' in it
}

function json(schema: JsonObject): JsonObject {
  return { 'application/json': { schema } }
}

function problemJson(schema: JsonObject): JsonObject {
  return { 'application/problem+json': { schema } }
}
