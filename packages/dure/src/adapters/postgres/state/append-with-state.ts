import type { Append, Commit } from '../../../ports/event-store.ts'
import { appendParts } from '../commit/append-statements.ts'
import { appendValues, replyValues } from '../commit/encode.ts'
import type { Statement } from '../statement.ts'
import { type ClaimMoves, claimMoves, type Claims, claimValues } from './claims.ts'
import { type KeptTables, tablesOf } from './kept-tables.ts'
import { formKey, rowCondition, rowForm, rowParts } from './row-statements.ts'
import { rowValues } from './row-values.ts'
import { REFUSED } from './state-error.ts'
import { binding, StatementCache } from './statement-cache.ts'

const noMoves: ClaimMoves = { drop: [], take: [] }

/** A position, and in a transaction whether claims and row allowed it. */
export type AppendedRow = [position: string, unique: string | null, row: string | null]

/** Whether a refusal by claim or row fails the statement, so that nothing of it stays, or is told to the transaction. */
export type OnRefusal = 'fail' | 'tell'

/**
 * One statement for an append with its rows and claims, and its reply. The stream's row is written first, as in every
 * append, and a writer that lost writes nothing more. Who won, and is then refused by a claim or by the row, has to undo
 * what it wrote: in a statement of its own by an error, since a statement is whole or not at all.
 */
export class AppendWithState {
  readonly #schema: string
  readonly #claims: Claims
  readonly #tables: ReadonlyMap<string, KeptTables>
  readonly #statements = new StatementCache<AppendedRow>()

  constructor(schema: string, claims: Claims, tables: ReadonlyMap<string, KeptTables>) {
    this.#schema = schema
    this.#claims = claims
    this.#tables = tables
  }

  /** @throws DURE_COMMIT_INVALID, DURE_STATE_UNSTORABLE */
  prepare(
    unit: Commit,
    it: Append,
    onRefusal: OnRefusal,
  ): { run: Statement<AppendedRow>; values: unknown[] } {
    const reply = onRefusal === 'fail' ? unit.reply : undefined
    const tables = it.state && tablesOf(this.#tables, it.stream)
    const form = it.state && rowForm(it.state)
    const moves = it.claims === undefined ? noMoves : claimMoves(it.claims)
    const append = { create: it.expected === 0, several: it.events.length > 1, keyed: reply !== undefined }
    const values = appendValues(unit, it)
    if (reply !== undefined) values.push(...replyValues(reply))
    const first = values.length + 1
    if (it.state && tables && form) values.push(...rowValues(tables, it.stream, form, it.state))
    if (moves !== noMoves) values.push(...claimValues(moves))

    const own = `${tables?.aggregate ?? ''} ${form === undefined ? '' : formKey(form)}`
    const key = `${onRefusal} ${append.create} ${append.several} ${append.keyed} ${own} ${moves.drop.length > 0} ${moves.take.length > 0}`
    const run = this.#statements.get(key, () => {
      const bind = binding(first)
      const parts = appendParts(this.#schema, append)
      if (tables && form) parts.push(...rowParts(tables, form, bind))
      const claims = this.#claims.parts(moves, bind)
      const row = tables && form && rowCondition(tables, form)
      const answer = answerOf(append.several, onRefusal, claims.condition, row)
      return `with ${[...parts, ...claims.parts].join(',\n')}\n${answer}`
    })
    return { run, values }
  }
}

/** The text that is no number is met only where there is an event, so only by who won. */
function answerOf(
  several: boolean,
  onRefusal: OnRefusal,
  unique: string | undefined,
  row: string | undefined,
): string {
  const refusals = [
    ...(unique === undefined ? [] : [`when not (${unique}) then '${REFUSED}unique'`]),
    ...(row === undefined ? [] : [`when not (${row}) then '${REFUSED}row'`]),
  ]
  const told = `${unique ?? 'true'}, ${row ?? 'true'}`
  const failing = refusals.length === 0 ? 'null' : `(case ${refusals.join(' ')} end)::int`
  const more = onRefusal === 'tell' ? told : failing
  return several
    ? `select max(position), ${more} from e having count(*) > 0`
    : `select position, ${more} from e`
}
