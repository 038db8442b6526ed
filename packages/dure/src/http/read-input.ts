import { fault } from '../kernel/errors/fault.ts'
import { sameJson, type Json } from '../kernel/json.ts'
import type { Endpoint } from './endpoint.ts'
import { textReadersOf, type TextReader } from './text-input.ts'

interface Parts {
  readonly params: unknown
  readonly query: unknown
  readonly body?: unknown
}

/** Makes one input of path, query string and body; whether it is valid, the application says. */
export type InputReader = (request: Parts) => unknown

/** How the requests of an endpoint are read. */
export function inputReaderOf(endpoint: Endpoint): InputReader {
  const readers = textReadersOf(endpoint.fields)
  const inPath = endpoint.parameters.length > 0
  return ({ params, query, body }) => {
    const inBody = objectIn(body)
    const asked = !isEmpty(query as object)
    if (!inPath && !asked) return inBody
    // Without a prototype, so that a parameter named __proto__ is a key like any other: an unknown field. Names in the path
    // come from the model and need no such care.
    const input: Record<string, unknown> = asked
      ? Object.assign(Object.create(null) as Record<string, unknown>, inBody)
      : { ...inBody }
    if (inPath) fill(input, params as Texts, readers)
    if (asked) fill(input, query as Texts, readers)
    return input
  }
}

type Texts = Readonly<Record<string, string | readonly string[]>>

function objectIn(body: unknown): object {
  if (body === undefined) return {}
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body
  const found = Array.isArray(body) ? 'a list' : body === null ? 'null' : `a ${typeof body}`
  throw fault('DURE_HTTP_BODY', { reason: `expected an object, found ${found}` })
}

function fill(input: Record<string, unknown>, texts: Texts, readers: ReadonlyMap<string, TextReader>): void {
  for (const name of Object.keys(texts)) {
    const text = texts[name] as string | readonly string[]
    const value = readers.get(name)?.(text) ?? text
    if (Object.hasOwn(input, name) && !sameJson(input[name] as Json, value as Json)) {
      throw fault('DURE_HTTP_INPUT_TWICE', { field: name })
    }
    input[name] = value
  }
}

function isEmpty(it: object): boolean {
  // eslint-disable-next-line guard-for-in -- Fastify's query has no prototype
  for (const _ in it) return false
  return true
}
