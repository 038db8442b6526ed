import type { Commit, CommitOutcome } from '../../../ports/event-store.ts'
import { moved, moveParts, moveValues } from '../inbox/inbox-table.ts'
import type { Session } from '../session.ts'
import { StatementCache } from '../state/statement-cache.ts'
import { REFUSED } from '../state/state-error.ts'
import { encodeRows, type EncodedRows } from '../view-table.ts'
import { manyAnswer, manyParts } from './append-statements.ts'
import { manyEventsValues } from './encode.ts'

/** Which parts a unit has besides the move of its watermarks. */
interface EffectForm {
  readonly appends: boolean
  readonly written: boolean
  readonly removed: boolean
}

/** The number of an append, from 1, and its last position; 0 for none. */
type EffectRow = [index: string, position: string | null, refused: null]

/**
 * What consumers store, in one statement: watermarks, and if all of them were where the mover believed, rows of a view and
 * events. What is not so after all undoes the statement by an error; that a stream was elsewhere is then told by a
 * transaction, which knows which.
 */
export class EffectCommitter {
  readonly #schema: string
  readonly #session: Session
  readonly #statements = new StatementCache<EffectRow>()

  constructor(schema: string, session: Session) {
    this.#schema = schema
    this.#session = session
  }

  /** Whether a unit is of the kind: nothing but plain appends and rows with its move. */
  static takes({ inbox, turn, reply, appends, parks = [], unparks = [] }: Commit): boolean {
    const plain = appends.every((it) => it.state === undefined && it.claims === undefined)
    return plain && inbox !== undefined && !turn && !reply && parks.length === 0 && unparks.length === 0
  }

  /** Undefined where a stream was elsewhere: nothing is stored then. */
  async commit(unit: Commit): Promise<CommitOutcome | undefined> {
    const rows = encodeRows(unit.rows ?? [])
    const form: EffectForm = {
      appends: unit.appends.length > 0,
      written: rows.written.length > 0,
      removed: rows.removed.length > 0,
    }
    const run = this.#statements.get(JSON.stringify(form), () => effectStatement(this.#schema, form))
    try {
      const found = new Map(
        (await this.#session.run(run, valuesOf(unit, form, rows))).map(([i, at]) => [i, at]),
      )
      return { ok: true, positions: unit.appends.map((_, i) => Number(found.get(String(i + 1)))) }
    } catch (error) {
      const refused = refusalOf(error)
      if (refused === undefined) throw error
      return refused === 'inbox' ? { ok: false, reason: 'inbox' } : undefined
    }
  }
}

function refusalOf(error: unknown): 'inbox' | 'version' | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (code !== '22P02' || typeof message !== 'string') return undefined
  return (['inbox', 'version'] as const).find((it) => message.includes(REFUSED + it))
}

function valuesOf(unit: Commit, form: EffectForm, { written, removed }: EncodedRows): unknown[] {
  const values = unit.inbox === undefined ? [] : moveValues(unit.inbox)
  if (form.appends) values.push(...manyEventsValues(unit))
  if (form.removed)
    values.push(
      removed.map((it) => it.view),
      removed.map((it) => it.key),
    )
  if (form.written) {
    values.push(
      written.map((it) => it.view),
      written.map((it) => it.key),
      written.map((it) => it.body),
    )
  }
  return values
}

// Parameters stand in subqueries, so that one plan is made for all lengths of lists.
function effectStatement(s: string, { appends, written, removed }: EffectForm): string {
  let next = 9
  const list = (type: string): string => `(select $${next++}::${type}[])`
  const parts = [
    moveParts(s),
    `went as materialized (select true where ${moved} = cardinality($5::smallint[]) and exists (select from mine))`,
  ]
  const refusals = [`when not exists (select from went) then '${REFUSED}inbox'`]
  if (appends) {
    parts.push(renumbered(manyParts(s, 'went'), next - 1))
    refusals.push(`when (select count(*) from won) < cardinality($${next}::text[]) then '${REFUSED}version'`)
    next += 18
  }
  if (removed) {
    parts.push(`gone as (
  delete from ${s}.view_rows r using went, unnest(${list('text')}, ${list('text')}) as d(view, key)
  where r.view = d.view and r.key = d.key)`)
  }
  if (written) {
    parts.push(`kept as (
  insert into ${s}.view_rows (view, key, body)
  select w.* from went, unnest(${list('text')}, ${list('text')}, ${list('jsonb')}) as w(view, key, body)
  order by w.view collate "C", w.key collate "C"
  on conflict (view, key) do update set body = excluded.body)`)
  }
  const verdict = `select 0, null::bigint, (case ${refusals.join(' ')} end)::int`
  const answers = appends ? `${verdict} union all (select p.*, null from (${manyAnswer}) p)` : verdict
  return `with ${parts.join(',\n')}\n${answers}`
}

/** Parameters of a text, moved on by so many. */
function renumbered(text: string, by: number): string {
  return text.replaceAll(/\$(\d+)/g, (_, n: string) => `$${Number(n) + by}`)
}
