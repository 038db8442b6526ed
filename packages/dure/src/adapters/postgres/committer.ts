import type { Append, Commit, CommitOutcome, StoredReply } from '../../ports/event-store.ts'
import { type AppendStatements, appendStatements, keyedAppendStatements } from './append-statements.ts'
import { manyEventsValues, oneEventValues, replyValues } from './encode.ts'
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

  constructor(schema: string, session: Session, replies: Replies, inbox: InboxTable, views: ViewTable) {
    this.#session = session
    this.#replies = replies
    this.#inbox = inbox
    this.#views = views
    this.#plain = appendStatements(schema)
    this.#keyed = keyedAppendStatements(schema)
  }

  async commit(unit: Commit): Promise<CommitOutcome> {
    const { appends, inbox, rows = [], parks = [] } = unit
    const [append] = appends
    const alone = appends.length === 1 && inbox === undefined && rows.length === 0 && parks.length === 0
    try {
      return append !== undefined && alone
        ? await this.#appendAlone(unit, append)
        : await this.#transact(unit)
    } catch (error) {
      if (isDuplicate(error, 'replies_')) return keyTaken
      throw error
    }
  }

  async #appendAlone(unit: Commit, append: Append): Promise<CommitOutcome> {
    const { reply } = unit
    const statements = reply === undefined ? this.#plain : this.#keyed
    const one = append.events.length === 1
    const values = one ? oneEventValues(unit, append) : manyEventsValues(unit)
    if (reply !== undefined) values.push(...replyValues(reply))
    const single = append.expected === 0 ? statements.create : statements.change
    const [row] = await this.#session.run<string[]>(one ? single : statements.many, values)
    const position = row?.at(-1)
    if (position !== undefined) return { ok: true, positions: [Number(position)] }
    if (reply !== undefined && (await this.#find(this.#session, reply))) return keyTaken
    return { ok: false, reason: 'version', stream: append.stream }
  }

  async #transact(unit: Commit): Promise<CommitOutcome> {
    const { at, appends, inbox, reply, parks = [] } = unit
    const events = manyEventsValues(unit)
    const rows = encodeRows(unit.rows ?? [])
    const answer = reply && replyValues(reply)
    return this.#session.transaction(
      async (tx): Promise<CommitOutcome> => {
        if (inbox !== undefined && !(await this.#inbox.move(tx, inbox))) return { ok: false, reason: 'inbox' }
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
    const won = new Map(await tx.run(this.#plain.many, values))
    const lost = appends.find((_, i) => !won.has(String(i + 1)))
    if (lost !== undefined) return { ok: false, reason: 'version', stream: lost.stream }
    return { ok: true, positions: appends.map((_, i) => Number(won.get(String(i + 1)))) }
  }

  #find(runner: Session | Transaction, { tenant, key }: StoredReply): Promise<StoredReply | undefined> {
    return this.#replies.find(runner, tenant, key)
  }
}
