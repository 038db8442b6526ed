import { hash } from 'node:crypto'
import type { AggregateDefinition, State, UniqueDefinition } from '../domain/aggregate-definition.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Append } from '../ports/event-store.ts'
import type { Claim } from '../ports/state-store.ts'

/** As many bytes of UTF-8 as a value is kept with; of a longer one its digest is. */
const MAX_BYTES = 400
const DIGEST = 'sha256:'

/** The values that a state takes for itself alone, at most one per rule; none once the aggregate has ended. */
export function claimsOf(aggregate: AggregateDefinition, state: State | undefined): readonly Claim[] {
  if (state === undefined) return []
  return aggregate.uniques.flatMap((rule) => {
    const value = valueOf(aggregate.name, rule, state)
    return value === undefined ? [] : [{ name: rule.rejection, value }]
  })
}

/** What is given up and taken between two states; undefined where nothing is. */
export function claimChange(before: readonly Claim[], after: readonly Claim[]): Append['claims'] {
  const drop = before.filter((it) => !has(after, it))
  const take = after.filter((it) => !has(before, it))
  return drop.length + take.length === 0 ? undefined : { drop, take }
}

function has(claims: readonly Claim[], { name, value }: Claim): boolean {
  return claims.some((it) => it.name === name && it.value === value)
}

function valueOf(aggregate: string, rule: UniqueDefinition, state: State): string | undefined {
  const found: unknown = rule.value(state)
  if (found === undefined) return undefined
  if (typeof found === 'string') return bounded(found)
  if (Array.isArray(found) && found.every((it) => typeof it === 'string'))
    return bounded(JSON.stringify(found))
  throw fault('DURE_MODEL_INVALID', {
    where: `aggregate ${aggregate}`,
    reason: `.unique('${rule.rejection}', …) gave something that is neither a text nor a list of texts.`,
    fix: 'Return a text, several, or undefined where the state claims nothing.',
  })
}

/** A short text stays as it is, so that it can be read in the table; none of those can pass for a digest. */
function bounded(text: string): string {
  const short = text.length * 3 <= MAX_BYTES || Buffer.byteLength(text) <= MAX_BYTES
  return short && !text.startsWith(DIGEST) ? text : DIGEST + hash('sha256', text, 'hex')
}
