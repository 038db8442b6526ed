import type { StreamId } from '../../../ports/event-store.ts'
import type { Claim, Snapshot, StateChange } from '../../../ports/state-store.ts'
import { jsonText } from '../../../ports/storable.ts'
import type { Runner, Session } from '../session.ts'
import { type Statement, statement } from '../statement.ts'
import { claimMoves, Claims } from './claims.ts'
import type { KeptTables } from './kept-tables.ts'
import { type RowForm, rowCondition, rowForm, rowParts } from './row-statements.ts'
import { rowValues } from './row-values.ts'
import { whileStored } from './state-error.ts'
import { binding, StatementCache } from './statement-cache.ts'

/** Writes what is kept of a stream without an event: its row is locked meanwhile, so no append goes on beside it. */
export class StateKeeper {
  readonly #schema: string
  readonly #claims: Claims
  readonly #snapshot: Statement<[]>
  readonly #lock: Statement<[one: string]>
  readonly #others: Statement<[]>
  readonly #statements = new StatementCache<[one: string]>()

  constructor(s: string, claims: Claims) {
    this.#schema = s
    this.#claims = claims
    this.#snapshot = statement(`
insert into ${s}.snapshots as n (tenant, aggregate, id, version, shape, state, at)
values ($1, $2, $3, $4::int, $5, $6::json, now())
on conflict (tenant, aggregate, id) do update
  set version = excluded.version, shape = excluded.shape, state = excluded.state, at = excluded.at
  where n.shape <> excluded.shape or n.version <= excluded.version`)
    this.#lock = statement(`${lockStream(s)} and version = $4::int for no key update`)
    this.#others = statement(`
delete from ${s}.claims c where tenant = $1 and aggregate = $2 and id = $3 and not exists (
  select from unnest($4::text[], $5::text[]) k (name, value) where k.name = c.name and k.value = c.value)`)
  }

  async keepSnapshot(runner: Runner, stream: StreamId, { version, shape, state }: Snapshot): Promise<void> {
    const { tenant, aggregate, id } = stream
    await runner.run(this.#snapshot, [tenant, aggregate, id, version, shape, jsonText('state', state)])
  }

  /** One statement: whatever is not at its version leaves the parts behind it without a row to write. */
  async keepState(
    runner: Runner,
    tables: KeptTables,
    stream: StreamId,
    version: number,
    change: StateChange,
  ): Promise<boolean> {
    const form = rowForm(change)
    const { tenant, aggregate, id } = stream
    const values = [tenant, aggregate, id, aggregate, version, ...rowValues(tables, stream, form, change)]
    const keep = this.#statementFor(tables, form)
    return whileStored(stream, async () => (await runner.run(keep, values)).length > 0)
  }

  async keepClaims(
    session: Session,
    stream: StreamId,
    version: number,
    claims: readonly Claim[],
  ): Promise<boolean | { readonly claim: Claim; readonly holder: string }> {
    const { take } = claimMoves({ drop: [], take: claims })
    const { tenant, aggregate, id } = stream
    return session.transaction(
      async (tx) => {
        if ((await tx.run(this.#lock, [tenant, aggregate, id, version])).length === 0) return false
        const [names, values] = [take.map((it) => it.name), take.map((it) => it.value)]
        await tx.run(this.#others, [tenant, aggregate, id, names, values])
        const takes = [{ stream, claims: take }]
        if (await this.#claims.take(tx, takes)) return true
        const held = await this.#claims.findHeld(tx, takes)
        // Freed since: whoever asks again gets it.
        return held === undefined ? false : { claim: held.claim, holder: held.holder }
      },
      (result) => result === true,
    )
  }

  /** `$4` repeats the aggregate, so that `$5` is the version as in every statement of rows. */
  #statementFor(tables: KeptTables, form: RowForm): Statement<[one: string]> {
    return this.#statements.get(JSON.stringify([tables.aggregate, form]), () => {
      const parts = rowParts(tables, form, binding(6))
      const won = `won as (${lockStream(this.#schema)} and aggregate = $4 and version = $5::int for no key update)`
      return `with ${[won, ...parts].join(',\n')}\nselect 1 from won where ${rowCondition(tables, form)}`
    })
  }
}

function lockStream(s: string): string {
  return `select 1 from ${s}.streams where tenant = $1 and aggregate = $2 and id = $3`
}
