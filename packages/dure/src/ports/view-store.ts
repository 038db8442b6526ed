import type { Json, JsonObject } from '../kernel/json.ts'

/** A question to the rows of one view. */
export interface RowQuery {
  /** Fields that must be there and equal; the order of keys inside does not count. */
  readonly where?: { readonly [field: string]: Json }
  /**
   * Field to sort by: absent or null first, then false, true, numbers, texts by code point, lists and objects; ties, and
   * all of them when absent, by key. `descending` turns the whole order around.
   */
  readonly orderBy?: string
  readonly descending?: boolean
  /** Only rows that come after this key in the order of the keys: the next page. Not with `orderBy`. */
  readonly after?: string
  /** 1 to 1000. */
  readonly limit: number
  readonly offset?: number
}

/** Rows of read models, keyed (view, key). Written through `Commit.rows`. */
export interface ViewStore {
  readRows(view: string, keys: readonly string[]): Promise<ReadonlyMap<string, JsonObject>>
  queryRows(view: string, query: RowQuery): Promise<readonly JsonObject[]>
}
