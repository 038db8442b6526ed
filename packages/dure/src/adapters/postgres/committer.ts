import type { Append, Commit, CommitOutcome, StoredReply } from '../../ports/event-store.ts'
import {
  type AppendStatements,
  appendStatements,
  appendToMany,
  keyedAppendStatements,
} from './append-statements.ts'
import { appendValues, manyEventsValues, replyValues } from './encode.ts'
import type { InboxTable } from './inbox-table.ts'
import type { Replies } from './replies.ts'
import type { Session, Transaction } from './session.ts'
import type { KeptState } from './state/kept-state.ts'
import { mustFollow } from './state/row-statements.ts'
import { isDuplicate } from './store-error.ts'
import { encodeRows, type ViewTable } from './view-table.ts'

const keyTaken: CommitOutcome = { ok: false, reason: 'key' }

/** What a commit may write besides streams and events. */
export interface CommitTables {
  readonly replies: Replies
  readonly inbox: InboxTable
  readonly views: ViewTable
  readonly state: KeptState
}

/** Stores units: in one statement where there is one append and at most a reply, else in a transaction of several. */
export class Committer {
  readonly #session: Session
  readonly #replies: Replies
  readonly #inbox: InboxTable
  readonly #views: ViewTable
  readonly #state: KeptState
  readonly #plain: AppendStatements
  readonly #keyed: AppendStatements
  readonly #many: ReturnType<typeof appendToMany>

  constructor(schema: string, session: Session, tables: CommitTables) {
    this.#session = session
    this.#replies = tables.replies
    this.#inbox = tables.inbox
    this.#views = tables.views
    this.#state = tables.state
    this.#plain = appendStatements(schema)
    this.#keyed = keyedAppendStatements(schema)
    this.#many = appendToMany(schema)
  }

  async commit(unit: Commit): Promise<CommitOutcome> {
    const { appends, inbox, turn, rows = [], parks = [], unparks = [] } = unit
    const [append] = appends
    const moves = inbox !== undefined || turn !== undefined || unparks.length > 0
    const alone = appends.length === 1 && !moves && rows.length === 0 && parks.length === 0
    try {
      return append !== undefined && alone
        ? await this.#appendAlone(unit, append)
        : await this.#transact(unit)
    } catch (error) {
      if (isDuplicate(error, 'replies_')) return keyTaken
      throw error
    }
  }

  /** In a transaction that somebody else began, and rolls back unless the outcome is `ok`. */
  async commitWithin(tx: Transaction, unit: Commit): Promise<CommitOutcome> {
    try {
      return await this.#write(tx, unit, encodeUnit(unit))
    } catch (error) {
      if (isDuplicate(error, 'replies_')) return keyTaken
      throw error
    }
  }

  async #appendAlone(unit: Commit, it: Append): Promise<CommitOutcome> {
    if (it.state !== undefined && mustFollow(it.state)) return this.#transact(unit)
    if (it.state !== undefined || it.claims !== undefined) return this.#appendWithState(unit, it)
    const { reply } = unit
    const { expected, events } = it
    const statements = reply === undefined ? this.#plain : this.#keyed
    const append = expected === 0 ? statements.create : statements.change
    const values = appendValues(unit, it)
    if (reply !== undefined) values.push(...replyValues(reply))
    const [row] = await this.#session.run<[string | null]>(
      events.length === 1 ? append.one : append.several,
      values,
    )
    const position = row?.[0] ?? undefined
    return position === undefined ? this.#lost(unit, it) : { ok: true, positions: [Number(position)] }
  }

  async #appendWithState(unit: Commit, it: Append): Promise<CommitOutcome> {
    const answer = await this.#state.append(this.#session, unit, it)
    if (answer === undefined) return this.#lost(unit, it)
    return typeof answer === 'number' ? { ok: true, positions: [answer] } : answer
  }

  async #lost({ reply }: Commit, { stream }: Append): Promise<CommitOutcome> {
    if (reply !== undefined && (await this.#find(this.#session, reply))) return keyTaken
    return { ok: false, reason: 'version', stream }
  }

  #transact(unit: Commit): Promise<CommitOutcome> {
    const encoded = encodeUnit(unit)
    return this.#session.transaction(
      (tx) => this.#write(tx, unit, encoded),
      (outcome) => outcome.ok,
    )
  }

  async #write(tx: Transaction, unit: Commit, { events, rows, answer }: EncodedUnit): Promise<CommitOutcome> {
    const { at, inbox, turn, reply, parks = [], unparks = [] } = unit
    for (const it of [inbox, turn]) {
      if (it !== undefined && !(await this.#inbox.move(tx, it))) return { ok: false, reason: 'inbox' }
    }
    if (unparks.length > 0 && !(await this.#inbox.unpark(tx, unparks))) return { ok: false, reason: 'inbox' }
    if (reply !== undefined && (await this.#find(tx, reply))) return keyTaken
    const outcome = await this.#append(tx, unit, events)
    if (!outcome.ok) return outcome
    await this.#views.write(tx, rows)
    if (parks.length > 0) await this.#inbox.park(tx, parks, at)
    if (answer !== undefined) await this.#replies.keep(tx, answer)
    return outcome
  }

  async #append(tx: Transaction, unit: Commit, values: unknown[]): Promise<CommitOutcome> {
    const { appends } = unit
    const [only] = appends
    if (only === undefined) return { ok: true, positions: [] }
    const inOne = only.state === undefined ? only.claims !== undefined : !mustFollow(only.state)
    if (appends.length === 1 && inOne) {
      const answer = await this.#state.appendWithin(tx, unit, only)
      if (answer === undefined) return { ok: false, reason: 'version', stream: only.stream }
      return typeof answer === 'number' ? { ok: true, positions: [answer] } : answer
    }
    const won = new Map(await tx.run(this.#many, values))
    const lost = appends.find((_, i) => !won.has(String(i + 1)))
    if (lost !== undefined) return { ok: false, reason: 'version', stream: lost.stream }
    const refusal = await this.#state.writeAll(tx, appends)
    if (refusal !== undefined) return refusal
    return { ok: true, positions: appends.map((_, i) => Number(won.get(String(i + 1)))) }
  }

  #find(runner: Session | Transaction, { tenant, key }: StoredReply): Promise<StoredReply | undefined> {
    return this.#replies.find(runner, tenant, key)
  }
}

type EncodedUnit = ReturnType<typeof encodeUnit>

function encodeUnit(unit: Commit) {
  return {
    events: manyEventsValues(unit),
    rows: encodeRows(unit.rows ?? []),
    answer: unit.reply && replyValues(unit.reply),
  }
}
