import type { JsonObject } from '../../kernel/json.ts'

// What every document says in the same words: problems, and the headers that all commands and queries share.

const text = { type: 'string' }

const problem = {
  type: 'object',
  description: 'An error (RFC 9457). `dure explain CODE` says more about a code.',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', description: 'The code as a URN.' },
    title: text,
    status: { type: 'integer' },
    detail: text,
    code: { type: 'string', description: 'Stable; what programs decide by.' },
    hint: { type: 'string', description: 'What to do next.' },
    issues: {
      type: 'array',
      description: 'What is wrong with the input.',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string', description: 'JSON Pointer into the input.' }, message: text },
      },
    },
    details: { type: 'object' },
    instance: { type: 'string', description: 'Of an internal error: its id in the log.' },
  },
}

const statuses: Readonly<Record<string, readonly [name: string, description: string]>> = {
  '400': ['Invalid', 'The request is refused by its shape; `issues` says where and why.'],
  '401': ['Unauthenticated', 'Nobody is signed in, or the token is not believed.'],
  '403': ['Forbidden', 'Who is signed in may not do this.'],
  '404': ['Missing', 'What the request names does not exist.'],
  '409': ['Conflict', 'Somebody else was first.'],
  '412': ['Stale', 'The aggregate is no longer at the version in If-Match.'],
  '413': ['TooLarge', 'The body is larger than the service accepts.'],
  '415': ['MediaType', 'The body is not application/json in UTF-8.'],
  '503': ['Unavailable', 'Nothing was done; try again later.'],
}

const headersOf: Readonly<Record<string, JsonObject>> = {
  '401': { 'www-authenticate': { description: 'What is to be sent (RFC 6750).', schema: text } },
  '503': { 'retry-after': { description: 'Seconds to wait.', schema: { type: 'integer' } } },
}
const problemContent = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }

/** References to the shared responses of these statuses. */
export function problemResponses(codes: readonly string[]): Record<string, JsonObject> {
  return Object.fromEntries(
    codes.map((code) => [code, { $ref: `#/components/responses/${statuses[code]?.[0] ?? ''}` }]),
  )
}

const changed = {
  etag: { $ref: '#/components/headers/ETag' },
  'dure-token': { $ref: '#/components/headers/Token' },
}

/** Headers of an accepted command. */
export const responseHeaders = {
  changed,
  created: { ...changed, location: { $ref: '#/components/headers/Location' } },
}

const parameter = (name: string): JsonObject => ({ $ref: `#/components/parameters/${name}` })

export const commandHeaders: readonly JsonObject[] = ['IdempotencyKey', 'IfMatch', 'Token'].map(parameter)
export const queryHeaders: readonly JsonObject[] = [parameter('Token')]

/** The shared components. */
export const fixedComponents = {
  schemas: {
    Problem: problem,
    KeyReused: {
      allOf: [{ $ref: '#/components/schemas/Problem' }],
      type: 'object',
      properties: { code: { const: 'DURE_KEY_REUSED' } },
    },
  },
  parameters: {
    IdempotencyKey: {
      name: 'idempotency-key',
      in: 'header',
      description: 'The same key within 7 days gets the stored answer.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    },
    IfMatch: {
      name: 'if-match',
      in: 'header',
      description: 'The version the aggregate must have, as in its ETag.',
      schema: { type: 'string', examples: ['"3"'] },
    },
    Token: {
      name: 'dure-token',
      in: 'header',
      description: 'Token of a command; what is read to answer this is not older than it.',
      schema: text,
    },
  },
  headers: {
    ETag: { description: 'Version of the aggregate.', schema: { type: 'string', examples: ['"3"'] } },
    Token: { description: 'The token of the reply.', schema: text },
    Location: { description: 'Where the created can be read.', schema: text },
  },
  responses: Object.fromEntries(
    Object.entries(statuses).map(([code, [name, description]]) => [
      name,
      { description, content: problemContent, ...(headersOf[code] && { headers: headersOf[code] }) },
    ]),
  ),
}
