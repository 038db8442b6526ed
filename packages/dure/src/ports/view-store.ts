import type { Json, JsonObject } from '../kernel/json.ts'

/** A question to the rows of one view. */
export interface RowQuery {
  /** Fields that must be equal. */
  readonly where?: { readonly [field: string]: Json }
  /** Field to sort by, ascending unless `descending`; ties by key. By key alone when absent. */
  readonly orderBy?: string
  readonly descending?: boolean
  /** 1 to 1000. */
  readonly limit: number
  readonly offset?: number
}

/** Rows of read models, keyed (view, key). Written through `Commit.rows`. */
export interface ViewStore {
  readRows(view: string, keys: readonly string[]): Promise<ReadonlyMap<string, JsonObject>>
  queryRows(view: string, query: RowQuery): Promise<readonly JsonObject[]>
}
