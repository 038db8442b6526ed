import type { Entry } from './read-variables.ts'

const HIDDEN = '•••'

/** A variable as it may be shown. */
export interface Shown {
  readonly name: string
  /** `•••` of a secret that is set. */
  readonly value: string | null
  readonly from: string
  readonly default: string | null
  readonly about: string
  readonly wrong?: string
}

/** Entries as they may be shown to anybody: no secret among them. */
export function shownOf(entries: readonly Entry[], files: ReadonlyMap<string, string>): readonly Shown[] {
  return entries.map(({ name, about, secret, from, value, fallback, wrong }) => ({
    name,
    value: value === undefined ? null : secret ? HIDDEN : plainText(value),
    from: from === 'environment' ? (files.get(name) ?? from) : from,
    default: fallback === undefined ? null : secret ? HIDDEN : plainText(fallback),
    about,
    ...(wrong !== undefined && { wrong }),
  }))
}

function plainText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
}
