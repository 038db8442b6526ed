import { hash } from 'node:crypto'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { AggregateDefinition } from '../domain/aggregate-definition.ts'
import { describeClass } from '../domain/domain-class.ts'
import { codecOf } from '../domain/fields/codec-of.ts'
import type { Field, Fields } from '../domain/fields/field.ts'
import { fault } from '../kernel/errors/fault.ts'
import { canonicalJson, type Json, type JsonObject } from '../kernel/json.ts'
import { fieldSchemaOf } from '../model/json-schema.ts'
import { foreignColumn } from './mapping/foreign-column.ts'
import type { Placed } from './mapping/layout.ts'
import type { Mapping } from './mapping/mapping.ts'

/** Names the form of rows: the fields of the state, where each stands, and the revision that the user gave. */
export function shapeOfRows({ state }: AggregateDefinition, mapping: Mapping, revision: number): string {
  const { root, children } = mapping.tables
  const tables = [root, ...children].map(({ schema = '', name, keys }) => [schema, name, ...keys])
  return fingerprint([
    'rows',
    fieldsOf(state.fields),
    tables.toSorted(byText),
    placesOf(mapping.parts, ''),
    revision,
  ])
}

/**
 * Names the form of snapshots: the fields of the state, the texts of the handlers that fold it, and the revision. What the
 * handlers call is not seen: hence the revision.
 */
export function shapeOfSnapshots({ state, starts, evolves }: AggregateDefinition, revision: number): string {
  return fingerprint(['snapshots', fieldsOf(state.fields), textsOf(starts), textsOf(evolves), revision])
}

/** Names the value that each rule of uniqueness is over, by the text of its function however it is laid out. */
export function valuesOfRules({ uniques }: AggregateDefinition): JsonObject {
  return Object.fromEntries(
    uniques.map(({ rejection, value }) => [rejection, fingerprint(value.toString().replaceAll(/\s+/g, ' '))]),
  )
}

/**
 * The revision that a user gave, 0 for none.
 * @throws DURE_MAPPING_INVALID
 */
export function revisionOf(where: string, revision = 0): number {
  if (Number.isSafeInteger(revision) && revision >= 0) return revision
  const reason = `the revision ${revision} is no whole number from 0.`
  throw fault('DURE_MAPPING_INVALID', { where, reason, fix: 'Count revisions 1, 2, 3….' })
}

function fingerprint(of: Json): string {
  return hash('sha256', canonicalJson(of), 'hex').slice(0, 16)
}

function textsOf(handlers: ReadonlyMap<string, Function>): JsonObject {
  return Object.fromEntries(Array.from(handlers, ([event, it]) => [event, it.toString()]))
}

function fieldsOf(fields: Fields): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([name, it]) => [name, fieldOf(it)]))
}

// Names of classes count: one that is called otherwise may mean something else by the same numbers.
function fieldOf(field: Field): Json {
  const it = codecOf(field, 'state').describe()
  const inner = field as unknown as { readonly of: Field; readonly fields: Fields; readonly key?: string }
  switch (it.kind) {
    case 'schema':
      return foreignOf(field as StandardSchemaV1)
    case 'value':
    case 'entity':
      return {
        kind: it.kind,
        ...describeClass(field as never),
        key: inner.key ?? '',
        fields: fieldsOf(inner.fields),
      }
    case 'object':
      return { kind: it.kind, fields: fieldsOf(inner.fields) }
    case 'list':
    case 'optional':
      return { kind: it.kind, of: fieldOf(inner.of) }
    case 'oneOf':
      return { kind: it.kind, values: it.values.toSorted() }
    default:
      return { ...it }
  }
}

function foreignOf(schema: StandardSchemaV1): Json {
  const { kind, absence } = foreignColumn(schema)
  const said = unordered(fieldSchemaOf(schema, { direction: 'output' }))
  return { kind, absence, vendor: schema['~standard'].vendor, said }
}

// Lists of a JSON Schema whose order says nothing.
const sets = new Set(['required', 'enum', 'type'])

function unordered(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map((it: Json) => unordered(it))
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema as JsonObject).map(([key, it]) => [
      key,
      sets.has(key) && Array.isArray(it) ? (it as Json[]).toSorted(byText) : unordered(it),
    ]),
  )
}

function placesOf(parts: readonly Placed[], path: string): JsonObject {
  return Object.assign({}, ...parts.map((it) => placeOf(it, path + it.field))) as JsonObject
}

function placeOf(it: Placed, path: string): JsonObject {
  if (it.part === 'column') return { [path]: it.name }
  if (it.part === 'group') return placesOf(it.parts, `${path}.`)
  return { [`${path}.${it.key.field}`]: it.key.name, ...placesOf(it.parts, `${path}.`) }
}

function byText(a: Json, b: Json): number {
  const [left, right] = [canonicalJson(a), canonicalJson(b)]
  return left < right ? -1 : Number(left > right)
}
