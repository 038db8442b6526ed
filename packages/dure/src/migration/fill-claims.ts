import type { Keeper } from '../app/aggregates/keeper.ts'
import { fault } from '../kernel/errors/fault.ts'
import { claimsOf } from '../persistence/claims.ts'
import type { StreamId } from '../ports/event-store.ts'
import type { Claim } from '../ports/state-store.ts'
import type { ContextStore } from '../ports/store.ts'

const attempts = 10

/** Two aggregates with one value. */
export interface Clash {
  readonly stream: StreamId
  readonly claim: Claim
  readonly holder: string
}

/**
 * Makes the claims of one stream those of its state, but for what another aggregate holds: that is the answer. Such a value
 * may be free by the end of the walk, when nobody holds what is not its own any more, so it is for the caller to ask again.
 */
export async function fillClaims(
  store: ContextStore,
  keeper: Keeper,
  stream: StreamId,
): Promise<Clash | undefined> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { version, state } = keeper.restored(stream, await store.readHistory(stream))
    const kept = await keepFree(store, stream, version, claimsOf(keeper.aggregate, state))
    if (kept !== 'overtaken') return kept
  }
  const { aggregate, id } = stream
  throw fault('DURE_COMMAND_CONTENDED', { aggregate, id, attempts })
}

async function keepFree(
  store: ContextStore,
  stream: StreamId,
  version: number,
  wanted: readonly Claim[],
): Promise<Clash | undefined | 'overtaken'> {
  let clash: Clash | undefined
  for (let claims = wanted; ;) {
    const kept = await store.keepClaims(stream, version, claims)
    if (typeof kept === 'boolean') return kept ? clash : 'overtaken'
    clash ??= { stream, ...kept }
    claims = claims.filter(({ name, value }) => name !== kept.claim.name || value !== kept.claim.value)
  }
}

/** Asks again for what clashed. @throws DURE_UNIQUE_VIOLATED for what still does */
export async function settleClashes(
  store: ContextStore,
  keeper: Keeper,
  clashes: readonly Clash[],
): Promise<void> {
  for (const { stream } of clashes) {
    const clash = await fillClaims(store, keeper, stream)
    if (clash === undefined) continue
    throw fault('DURE_UNIQUE_VIOLATED', {
      aggregate: stream.aggregate,
      rule: clash.claim.name,
      value: clash.claim.value,
      ids: [clash.holder, stream.id],
    })
  }
}
