import type { Append, Commit, CommitOutcome, StoredReply } from '../../../ports/event-store.ts'
import { appendToMany } from './append-statements.ts'
import { EffectCommitter } from './effect-committer.ts'
import { manyEventsValues, replyValues } from './encode.ts'
import { GroupCommitter } from './group-committer.ts'
import { GroupWithState } from './group-with-state.ts'
import type { InboxTable } from '../inbox/inbox-table.ts'
import type { Replies } from './replies.ts'
import type { Session, Transaction } from '../session.ts'
import type { KeptState } from '../state/kept-state.ts'
import { mustFollow } from '../state/row-statements.ts'
import { isDuplicate } from '../store-error.ts'
import { encodeRows, type ViewTable } from '../view-table.ts'

const keyTaken: CommitOutcome = { ok: false, reason: 'key' }

/** What a commit may write besides streams and events. */
export interface CommitTables {
  readonly replies: Replies
  readonly inbox: InboxTable
  readonly views: ViewTable
  readonly state: KeptState
}

/**
 * Stores units: in one statement where there is one append and at most a reply, under load together with other such
 * units; else in a transaction of several.
 */
export class Committer {
  readonly #session: Session
  readonly #replies: Replies
  readonly #inbox: InboxTable
  readonly #views: ViewTable
  readonly #state: KeptState
  readonly #group: GroupCommitter
  readonly #groupWithState: GroupWithState
  readonly #effects: EffectCommitter
  readonly #many: ReturnType<typeof appendToMany>

  constructor(schema: string, session: Session, tables: CommitTables) {
    this.#session = session
    this.#replies = tables.replies
    this.#inbox = tables.inbox
    this.#views = tables.views
    this.#state = tables.state
    this.#group = new GroupCommitter(schema, session, tables.replies)
    this.#groupWithState = new GroupWithState(schema, session, tables, (unit, it) =>
      this.#appendWithState(unit, it),
    )
    this.#effects = new EffectCommitter(schema, session)
    this.#many = appendToMany(schema)
  }

  async commit(unit: Commit): Promise<CommitOutcome> {
    const { appends, inbox, turn, rows = [], parks = [], unparks = [] } = unit
    const [append] = appends
    const moves = inbox !== undefined || turn !== undefined || unparks.length > 0
    const alone = appends.length === 1 && !moves && rows.length === 0 && parks.length === 0
    try {
      if (append !== undefined && alone) return await this.#appendAlone(unit, append)
      const outcome = EffectCommitter.takes(unit) ? await this.#effects.commit(unit) : undefined
      return outcome ?? (await this.#transact(unit))
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

  #appendAlone(unit: Commit, it: Append): Promise<CommitOutcome> {
    if (it.state !== undefined && mustFollow(it.state)) return this.#transact(unit)
    if (it.state === undefined && it.claims === undefined) return this.#group.commit(unit, it)
    return this.#groupWithState.commit(unit, it) ?? this.#appendWithState(unit, it)
  }

  async #appendWithState(unit: Commit, it: Append): Promise<CommitOutcome> {
    const answer = await this.#state.append(this.#session, unit, it)
    if (answer === undefined) return this.#replies.lost(this.#session, unit.reply, it.stream)
    return typeof answer === 'number' ? { ok: true, positions: [answer] } : answer
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
    const ownCause = only.events.some((it) => it.meta !== undefined)
    const inOne = ownCause
      ? false
      : only.state === undefined
        ? only.claims !== undefined
        : !mustFollow(only.state)
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

  #find(runner: Transaction, { tenant, key }: StoredReply): Promise<StoredReply | undefined> {
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
