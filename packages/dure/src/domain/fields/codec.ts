import type { Issue } from '../../kernel/error.ts'
import type { Json } from '../../kernel/json.ts'

/** How strictly a value is read. */
export interface Reading {
  /** Unknown fields are issues; else they are dropped. */
  readonly strict: boolean
  /** The value will be stored, so it must come back from JSON as it is. */
  readonly stored: boolean
}

/** Input of commands and queries. */
export const asInput: Reading = { strict: true, stored: false }
/** Data of events and rows. */
export const asStored: Reading = { strict: false, stored: true }
/** Values that the program itself makes; sooner or later they are part of an event, a state or a reply. */
export const asValue: Reading = { strict: true, stored: true }

/** What a field is, for pictures, documents and mappings. */
export type Description =
  | { readonly kind: 'schema'; readonly vendor: string }
  | { readonly kind: 'value' | 'entity'; readonly name: string }
  | { readonly kind: 'ref'; readonly to: string }
  | { readonly kind: 'list' | 'optional'; readonly of: Description }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Description>> }
  | { readonly kind: 'oneOf'; readonly values: readonly string[] }
  | { readonly kind: 'instant' | 'bigInt' | 'bytes' }

/**
 * One field, ready to work. `parse` adds issues with paths relative to the value and returns anything when it did;
 * callers prefix the paths, so the way without issues builds no path.
 */
export interface Codec {
  readonly describe: () => Description
  readonly mayBeAbsent: boolean
  parse(value: unknown, issues: Issue[], reading: Reading): unknown
  /** To JSON; the value is one that `parse` returned. */
  encode(value: unknown): Json
  /** From JSON that `encode` made; trusts it. */
  decode(json: Json): unknown
}

/** One step of a JSON Pointer (RFC 6901). */
export function segmentOf(name: string | number): string {
  return `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** The names that a JSON Pointer steps through. */
export function segmentsOf(path: string): string[] {
  const segments = path.split('/').slice(1)
  return segments.map((it) => it.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Puts `/name` before the paths of the issues added since `from`. */
export function prefixIssues(issues: Issue[], from: number, name: string | number): void {
  const segment = segmentOf(name)
  for (let i = from; i < issues.length; i++) {
    const it = issues[i] as Issue
    issues[i] = { path: segment + it.path, message: it.message }
  }
}
