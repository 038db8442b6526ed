import type { AggregateDefinition, Rejection } from '../../domain/aggregate-definition.ts'
import type { Decided } from '../../domain/decide.ts'
import type { Claim } from '../../ports/state-store.ts'

/** The domain's no to a decision that would have taken a value that another aggregate has. */
export function rejectionOf(aggregate: AggregateDefinition, claim: Claim, decided: Decided): Rejection {
  const rule = aggregate.uniques.find((it) => it.rejection === claim.name)
  const data = decided.state === undefined ? {} : (rule?.data(decided.state) ?? {})
  return aggregate.voice.reject(claim.name, data)
}
