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
import { isDuplicate } from './store-error.ts'
import { encodeRows, type ViewTable } from './view-table.ts'

const keyTaken: CommitOutcome = { ok: false, reason: 'key' }

/** Stores units: in one statement where there is one append and at most a reply, else in a transaction of several. */
export class Committer {
  readonly #session: Session
  readonly #replies: Replies
  readonly #inbox: InboxTable
  readonly #views: ViewTable
  readonly #plain: AppendStatements
  readonly #keyed: AppendStatements
  readonly #many: ReturnType<typeof appendToMany>

  constructor(schema: string, session: Session, replies: Replies, inbox: InboxTable, views: ViewTable) {
    this.#session = session
    this.#replies = replies
    this.#inbox = inbox
    this.#views = views
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

  async #appendAlone(unit: Commit, it: Append): Promise<CommitOutcome> {
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
    if (position !== undefined) return { ok: true, positions: [Number(position)] }
    if (reply !== undefined && (await this.#find(this.#session, reply))) return keyTaken
    return { ok: false, reason: 'version', stream: it.stream }
  }

  async #transact(unit: Commit): Promise<CommitOutcome> {
    const { at, appends, inbox, turn, reply, parks = [], unparks = [] } = unit
    const events = manyEventsValues(unit)
    const rows = encodeRows(unit.rows ?? [])
    const answer = reply && replyValues(reply)
    return this.#session.transaction(
      async (tx): Promise<CommitOutcome> => {
        for (const it of [inbox, turn]) {
          if (it !== undefined && !(await this.#inbox.move(tx, it))) return { ok: false, reason: 'inbox' }
        }
        if (unparks.length > 0 && !(await this.#inbox.unpark(tx, unparks)))
          return { ok: false, reason: 'inbox' }
        if (reply !== undefined && (await this.#find(tx, reply))) return keyTaken
        const outcome = await this.#append(tx, appends, events)
        if (!outcome.ok) return outcome
        await this.#views.write(tx, rows)
        if (parks.length > 0) await this.#inbox.park(tx, parks, at)
        if (answer !== undefined) await this.#replies.keep(tx, answer)
        return outcome
      },
      (outcome) => outcome.ok,
    )
  }

  async #append(tx: Transaction, appends: readonly Append[], values: unknown[]): Promise<CommitOutcome> {
    if (appends.length === 0) return { ok: true, positions: [] }
    const won = new Map(await tx.run(this.#many, values))
    const lost = appends.find((_, i) => !won.has(String(i + 1)))
    if (lost !== undefined) return { ok: false, reason: 'version', stream: lost.stream }
    return { ok: true, positions: appends.map((_, i) => Number(won.get(String(i + 1)))) }
  }

  #find(runner: Session | Transaction, { tenant, key }: StoredReply): Promise<StoredReply | undefined> {
    return this.#replies.find(runner, tenant, key)
  }
}
