import type { Reading } from '../domain/fields/codec.ts'
import type { Shape } from '../domain/fields/shape.ts'
import type { Issue } from '../kernel/error.ts'
import { remoteFault } from '../kernel/errors/remote/remote-fault.ts'
import type { Json } from '../kernel/json.ts'

/** Reads and writes the answers of a query, be its `out` a field map or one field. */
export interface AnswerCodec {
  parse(value: unknown, issues: Issue[], reading: Reading): unknown
  encode(value: unknown): Json
  decode(json: Json): unknown
}

// The compiled shapes stand on the values of the contract, so that a client which has the contract needs no compiler.
const answer = Symbol.for('dure.answer')
const rejections = Symbol.for('dure.rejections')

/** Attaches what `made` makes when it is first asked for. */
function attach(to: object, at: symbol, made: () => object): void {
  let it: object | undefined
  Object.defineProperty(to, at, { get: () => (it ??= made()) })
}

export function attachAnswer(query: object, made: () => AnswerCodec): void {
  attach(query, answer, made)
}

export function attachRejections(command: object, made: () => ReadonlyMap<string, Shape>): void {
  attach(command, rejections, made)
}

/** The codec of the answers of a contract's query; compiled once. */
export function answerOf(query: object): AnswerCodec {
  return (query as Readonly<Record<symbol, AnswerCodec>>)[answer] as AnswerCodec
}

/** A command or query of a contract, whichever. */
interface Target {
  readonly context: string
  readonly name: string
}

/**
 * The values of an answer that comes from elsewhere, where the contract may be of another version.
 * @throws DURE_REMOTE_VERSION
 */
export function readAnswer(query: Target, json: Json): unknown {
  return valuesOf(query, answerOf(query), json)
}

/**
 * A reply as it is, or a rejection with its values. The rejection may come from elsewhere, as an answer may.
 * @throws DURE_REMOTE_VERSION
 */
export function readRejection<T extends { readonly ok: boolean }>(command: Target, reply: T): T {
  if (reply.ok) return reply
  const { rejected, data } = reply as unknown as { readonly rejected: string; readonly data: Json }
  const shapes = (command as unknown as Readonly<Record<symbol, ReadonlyMap<string, Shape>>>)[rejections]
  return { ...reply, data: valuesOf(command, shapes?.get(rejected), data, rejected) }
}

function valuesOf(
  target: Target,
  codec: Pick<AnswerCodec, 'parse'> | undefined,
  json: Json,
  what = target.name,
): unknown {
  const issues: Issue[] = codec === undefined ? [{ path: '', message: 'is not known here' }] : []
  const values = codec?.parse(json, issues, tolerant)
  const [wrong] = issues
  if (wrong === undefined) return values
  const reason = `${what} ${wrong.path} ${wrong.message}`
  throw remoteFault('DURE_REMOTE_VERSION', { remote: target.context, what: target.name, reason })
}

// What a callee of a newer version answers beside what is known here is passed over.
const tolerant: Reading = { strict: false, stored: true }
