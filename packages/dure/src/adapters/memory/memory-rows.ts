import { type Json, type JsonObject, sameJson } from '../../kernel/json.ts'
import type { RowQuery } from '../../ports/view-store.ts'

/** Answers a query from the rows of one view, in the order that the port prescribes. */
export function selectRows(rows: ReadonlyMap<string, JsonObject>, query: RowQuery): JsonObject[] {
  const { where = {}, orderBy, descending = false, after, limit, offset = 0 } = query
  const conditions = Object.entries(where)
  const found: { key: Buffer; row: JsonObject }[] = []
  for (const [key, row] of rows) {
    if (conditions.every(([field, value]) => Object.hasOwn(row, field) && sameJson(row[field], value))) {
      found.push({ key: Buffer.from(key), row })
    }
  }
  found.sort((a, b) => {
    const byField = orderBy === undefined ? 0 : compare(fieldOf(a.row, orderBy), fieldOf(b.row, orderBy))
    // UTF-8 bytes sort by code point; UTF-16 units, which `<` compares, do not.
    const ascending = byField || Buffer.compare(a.key, b.key)
    return descending ? -ascending : ascending
  })
  const left = after === undefined ? found : beyond(found, Buffer.from(after), descending)
  return left.slice(offset, offset + limit).map((it) => it.row)
}

function beyond<T extends { readonly key: Buffer }>(found: T[], after: Buffer, descending: boolean): T[] {
  return found.filter(({ key }) =>
    descending ? Buffer.compare(key, after) < 0 : Buffer.compare(key, after) > 0,
  )
}

function fieldOf(row: JsonObject, field: string): Json | undefined {
  return Object.hasOwn(row, field) ? row[field] : undefined
}

function compare(a: Json | undefined, b: Json | undefined): number {
  const byKind = rank(a) - rank(b)
  if (byKind !== 0) return byKind
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return 0
}

function rank(value: Json | undefined): number {
  if (value === undefined || value === null) return 0
  if (typeof value === 'boolean') return value ? 2 : 1
  if (typeof value === 'number') return 3
  return typeof value === 'string' ? 4 : 5
}
