import type { Append, Commit, CommitOutcome } from '../../../ports/event-store.ts'
import { type Groupable, Grouping, type GroupWork } from '../grouping/grouping.ts'
import type { Session } from '../session.ts'
import { StatementCache } from '../state/statement-cache.ts'
import { isMissingPartition, isStatementRefused } from '../store-error.ts'
import { type AppendStatements, appendStatements, keyedAppendStatements } from './append-statements.ts'
import { appendValues, dataTexts, replyValues } from './encode.ts'
import { type GroupRow, groupStatement } from './group-statements.ts'
import { type GroupItem, groupKeys, groupValues } from './group-values.ts'
import type { Replies } from './replies.ts'

/** Groups that may be under way at once. */
const WIDTH = 1

/** A unit of one append and at most a reply. */
interface Single extends Groupable, GroupItem {}

/**
 * Commits of one append, with or without a reply: alone in one statement while nothing else is under way, in one
 * statement with others under load. Each is stored or refused by itself.
 */
export class GroupCommitter implements GroupWork<Single, CommitOutcome> {
  readonly #schema: string
  readonly #session: Session
  readonly #replies: Replies
  readonly #plain: AppendStatements
  readonly #keyed: AppendStatements
  readonly #statements = new StatementCache<GroupRow>()
  readonly #grouping: Grouping<Single, CommitOutcome>

  constructor(schema: string, session: Session, replies: Replies) {
    this.#schema = schema
    this.#session = session
    this.#replies = replies
    this.#plain = appendStatements(schema)
    this.#keyed = keyedAppendStatements(schema)
    this.#grouping = new Grouping(this, WIDTH)
  }

  /** @throws DURE_STORE_TEXT_INVALID */
  commit(unit: Commit, append: Append): Promise<CommitOutcome> {
    return this.#grouping.do(singleOf(unit, append))
  }

  async alone({ unit, append, data, reply }: Single): Promise<CommitOutcome> {
    const { expected, events } = append
    const statements = reply === undefined ? this.#plain : this.#keyed
    const write = expected === 0 ? statements.create : statements.change
    const values = appendValues(unit, append, data)
    if (reply !== undefined) values.push(...reply)
    const [row] = await this.#session.run<[string | null]>(
      events.length === 1 ? write.one : write.several,
      values,
    )
    return this.#outcome(unit, append, row?.[0])
  }

  async together(items: readonly Single[]): Promise<readonly (CommitOutcome | Promise<CommitOutcome>)[]> {
    const several = items.some((it) => it.append.events.length > 1)
    const keyed = items.some((it) => it.reply !== undefined)
    const run = this.#statements.get(`${several} ${keyed}`, () =>
      groupStatement(this.#schema, { several, keyed }),
    )
    const positions: (string | undefined)[] = []
    const rows = await this.#session.run(run, groupValues(items, { several, keyed }))
    for (const [index, position] of rows) positions[Number(index)] = position
    return items.map(({ unit, append }, i) => this.#outcome(unit, append, positions[i + 1]))
  }

  /** A partition is missing for all of them, and made by whoever asked for the commit. */
  divides(error: unknown): boolean {
    return isStatementRefused(error) && !isMissingPartition(error, 'events')
  }

  #outcome(
    unit: Commit,
    { stream }: Append,
    position: string | null | undefined,
  ): CommitOutcome | Promise<CommitOutcome> {
    if (position !== undefined && position !== null) return { ok: true, positions: [Number(position)] }
    return this.#replies.lost(this.#session, unit.reply, stream)
  }
}

function singleOf(unit: Commit, append: Append): Single {
  const data = dataTexts(append)
  const reply = unit.reply && replyValues(unit.reply)
  const size = data.reduce((sum, text) => sum + text.length, reply?.[3].length ?? 0)
  return { unit, append, data, reply, keys: groupKeys(unit, append), size }
}
