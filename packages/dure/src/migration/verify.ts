import type { Keeper } from '../app/aggregates/keeper.ts'
import { isDureError } from '../kernel/error.ts'
import { sameJson, type JsonObject } from '../kernel/json.ts'
import type { StreamId } from '../ports/event-store.ts'
import type { StreamStanding } from '../ports/state-store.ts'
import type { ContextStore } from '../ports/store.ts'
import { folded } from './folded.ts'
import { writeRow } from './fill-rows.ts'
import { walk, type Progress } from './walk.ts'

/** How the row of one aggregate differs from what its events lead to. */
export interface Difference {
  readonly stream: StreamId
  /** Fields of the state that differ; empty where the row could not be compared. */
  readonly fields: readonly string[]
  readonly reason: string
  /** The aggregate has ended: nothing of it is lost with the row. A release that does not keep rows leaves such behind. */
  readonly ended?: boolean
  /** It was written again, and is right now. */
  readonly repaired?: boolean
}

/** What a verification has found. */
export interface Verified {
  readonly checked: number
  readonly differences: readonly Difference[]
}

export interface Verifying {
  /** Writes rows that differ again from the events. */
  readonly repair?: boolean
  readonly onProgress?: (progress: Progress) => void
  /** Called for each difference as it is found. */
  readonly onDifference?: (difference: Difference) => void
}

/** Folds every stream of an aggregate kept in tables and compares. Rows that only lag, or that are missing, do not differ. */
export async function verifyRows(
  store: ContextStore,
  keeper: Keeper,
  { repair = false, onProgress, onDifference }: Verifying = {},
): Promise<Verified> {
  const differences: Difference[] = []
  let checked = 0
  await walk(
    store,
    keeper.aggregate.name,
    undefined,
    async (standing) => {
      checked++
      const found = await differenceOf(store, keeper, standing)
      if (found === undefined) return
      const difference = repair ? { ...found, repaired: await repaired(store, keeper, standing) } : found
      differences.push(difference)
      onDifference?.(difference)
    },
    async (progress) => onProgress?.(progress),
  )
  return { checked, differences }
}

async function repaired(
  store: ContextStore,
  keeper: Keeper,
  { stream, row }: StreamStanding,
): Promise<boolean> {
  const { version, state } = await folded(store, keeper, stream)
  return writeRow(store, keeper, stream, { version, state, row: row?.version })
}

async function differenceOf(
  store: ContextStore,
  keeper: Keeper,
  { stream, ended, row }: Omit<StreamStanding, 'version'>,
): Promise<Difference | undefined> {
  if (ended) return row && { stream, fields: [], reason: 'it has ended, and its row is still there', ended }
  try {
    const it = keeper.restored(stream, await store.readHistory(stream))
    const right = await folded(store, keeper, stream)
    // Somebody has written it between the two; what was read first is not wrong for that.
    if (right.version !== it.version) return await differenceOf(store, keeper, { stream, ended })
    const fields = differing(encoded(keeper, it.state), encoded(keeper, right.state))
    return fields.length === 0 ? undefined : { stream, fields, reason: `${fields.join(', ')} differ` }
  } catch (error) {
    if (!isDureError(error) || error.kind !== 'corrupt') throw error
    return { stream, fields: [], reason: error.message }
  }
}

function encoded({ aggregate }: Keeper, state: object | undefined): JsonObject {
  return state === undefined ? {} : aggregate.state.encode(state)
}

function differing(a: JsonObject, b: JsonObject): readonly string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].filter((it) => !sameJson(a[it], b[it]))
}
