/** A value that survives JSON unchanged. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** A JSON object: what events, rows, states and replies are stored as. */
export type JsonObject = { readonly [key: string]: Json }

/** Deep equality of two JSON values; the order of keys does not count. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = Object.keys(a)
  if (left.length !== Object.keys(b).length) return false
  return left.every(
    (key) => Object.hasOwn(b, key) && sameJson((a as JsonObject)[key], (b as JsonObject)[key]),
  )
}

/** JSON text with sorted keys, so that equal values have equal texts. */
export function canonicalJson(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map((it: Json) => canonicalJson(it)).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const it = value as JsonObject
    const keys = Object.keys(it)
      .filter((key) => it[key] !== undefined)
      .toSorted()
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(it[key])}`).join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}
