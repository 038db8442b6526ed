import type { Append, Commit, CommitOutcome } from '../../../ports/event-store.ts'
import { type Groupable, Grouping, type GroupWork } from '../grouping/grouping.ts'
import type { Session } from '../session.ts'
import {
  groupedRows,
  groupedRowValues,
  groupedWrite,
  type GroupedWrite,
  type RowTexts,
  rowTexts,
} from './group-rows.ts'
import type { KeptState } from '../state/kept-state.ts'
import type { KeptTables } from '../state/kept-tables.ts'
import { StatementCache } from '../state/statement-cache.ts'
import { isMissingPartition, isStatementRefused } from '../store-error.ts'
import { dataTexts, replyValues } from './encode.ts'
import { type GroupRow, groupStatement } from './group-statements.ts'
import { type GroupItem, groupKeys, groupValues } from './group-values.ts'
import type { Replies } from './replies.ts'

/** Groups of one kind that may be under way at once. */
const WIDTH = 1

/** Commits of one append with rows, as the context carries them out one by one. */
export type CommitAlone = (unit: Commit, append: Append) => Promise<CommitOutcome>

/** What is stored of one, as text. */
interface Encoded extends GroupItem {
  readonly rows: RowTexts
  readonly size: number
}

/** Why nothing can be stored of one. */
interface Unstorable {
  readonly error: unknown
}

/** A unit of one append with rows and at most a reply. It is encoded once it waits: one that goes alone never is. */
class Waiting implements Groupable {
  readonly unit: Commit
  readonly append: Append
  readonly tables: KeptTables
  readonly write: GroupedWrite
  readonly keys: readonly string[]
  #encoded: Encoded | Unstorable | undefined

  constructor(unit: Commit, append: Append, tables: KeptTables, write: GroupedWrite) {
    this.unit = unit
    this.append = append
    this.tables = tables
    this.write = write
    this.keys = groupKeys(unit, append)
  }

  get size(): number {
    const { encoded } = this
    return isEncoded(encoded) ? encoded.size : 0
  }

  /** Or why it cannot be stored. */
  get encoded(): Encoded | Unstorable {
    return (this.#encoded ??= this.#encode())
  }

  #encode(): Encoded | Unstorable {
    const { unit, append, tables } = this
    try {
      const data = dataTexts(append)
      const reply = unit.reply && replyValues(unit.reply)
      const rows = rowTexts(tables, append)
      return {
        unit,
        append,
        data,
        reply,
        rows,
        size: lengthOf(data) + (reply?.[3].length ?? 0) + sizeOf(rows),
      }
    } catch (error) {
      return { error }
    }
  }
}

/**
 * Commits of one append with rows in tables of Dure's own: alone in one statement while no other of their kind is under
 * way, in one statement with others under load. Each is stored or refused by itself.
 */
export class GroupWithState implements GroupWork<Waiting, CommitOutcome> {
  readonly #schema: string
  readonly #session: Session
  readonly #replies: Replies
  readonly #tables: ReadonlyMap<string, KeptTables>
  readonly #commitAlone: CommitAlone
  readonly #statements = new StatementCache<GroupRow>()
  /** By aggregate and what is done with its rows, so that those of one group can be written by the same statement. */
  readonly #groupings = new Map<string, Grouping<Waiting, CommitOutcome>>()

  constructor(
    schema: string,
    session: Session,
    { replies, state }: { readonly replies: Replies; readonly state: Pick<KeptState, 'tables'> },
    alone: CommitAlone,
  ) {
    this.#schema = schema
    this.#session = session
    this.#replies = replies
    this.#tables = state.tables
    this.#commitAlone = alone
  }

  /** Undefined for one that cannot go with others. */
  commit(unit: Commit, append: Append): Promise<CommitOutcome> | undefined {
    const tables = this.#tables.get(append.stream.aggregate)
    const write = tables && groupedWrite(tables, append)
    if (tables === undefined || write === undefined) return undefined
    const key = `${tables.aggregate} ${write}`
    let grouping = this.#groupings.get(key)
    if (grouping === undefined) this.#groupings.set(key, (grouping = new Grouping(this, WIDTH)))
    return grouping.do(new Waiting(unit, append, tables, write))
  }

  alone({ unit, append }: Waiting): Promise<CommitOutcome> {
    return this.#commitAlone(unit, append)
  }

  async together(items: readonly Waiting[]): Promise<readonly (CommitOutcome | Promise<CommitOutcome>)[]> {
    const encoded = items.map((it) => it.encoded)
    const storable = encoded.filter(isEncoded)
    const [first] = items
    const won = first === undefined ? new Map<object, string>() : await this.#write(first, storable)
    return encoded.map((it) => {
      if (!isEncoded(it)) return Promise.reject(it.error)
      const position = won.get(it)
      if (position !== undefined) return { ok: true, positions: [Number(position)] }
      return this.#replies.lost(this.#session, it.unit.reply, it.append.stream)
    })
  }

  /** A partition is missing for all of them, and made by whoever asked for the commit. */
  divides(error: unknown): boolean {
    return isStatementRefused(error) && !isMissingPartition(error, 'events')
  }

  /** The last positions of those that won. */
  async #write({ tables, write }: Waiting, items: readonly Encoded[]): Promise<Map<object, string>> {
    const won = new Map<object, string>()
    if (items.length === 0) return won
    const several = items.some((it) => it.append.events.length > 1)
    const keyed = items.some((it) => it.reply !== undefined)
    const upserts = tables.children.map((_, i) => items.some((it) => (it.rows.children[i] ?? []).length > 0))
    const key = JSON.stringify([tables.aggregate, write, several, keyed, upserts])
    const run = this.#statements.get(key, () =>
      groupStatement(this.#schema, { several, keyed, rows: groupedRows(tables, write, upserts) }),
    )
    const values = groupValues(items, { several, keyed })
    values.push(...groupedRowValues(tables, write, upserts, items))
    for (const [index, position] of await this.#session.run(run, values)) {
      won.set(items[Number(index) - 1] as Encoded, position)
    }
    return won
  }
}

function isEncoded(it: Encoded | Unstorable): it is Encoded {
  return !('error' in it)
}

function sizeOf({ root, children }: RowTexts): number {
  return children.flat().reduce((sum, row) => sum + lengthOf(row), lengthOf(root))
}

function lengthOf(texts: readonly (string | null)[]): number {
  return texts.reduce((sum, it) => sum + (it?.length ?? 0), 0)
}
