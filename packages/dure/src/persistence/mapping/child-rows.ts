import { fault } from '../../kernel/errors/fault.ts'
import type { Cell, ChildTable } from '../../ports/state-store.ts'
import { tableText } from './table-names.ts'

type Row = readonly Cell[]

/** The rows of one child table of one aggregate, handed out list by list. */
export class ChildRows {
  readonly #table: ChildTable
  readonly #id: string
  /** Number of keys that tell the lists of the table apart; 0 where the root holds the only one. */
  readonly #above: number
  readonly #lists = new Map<string, Row[]>()

  constructor(table: ChildTable, rows: readonly Row[], id: string) {
    this.#table = table
    this.#id = id
    this.#above = table.keys.length - 2
    for (const row of rows) {
      const key = this.#above === 0 ? '' : this.#keyOf(row)
      const list = this.#lists.get(key)
      if (list === undefined) this.#lists.set(key, [row])
      else list.push(row)
    }
  }

  /** The rows of the list that the entity of a row holds, in the order of the list. */
  take(parent: Row): readonly Row[] {
    if (this.#lists.size === 0) return []
    const key = this.#above === 0 ? '' : this.#keyOf(parent)
    const list = this.#lists.get(key)
    if (list === undefined) return []
    this.#lists.delete(key)
    return this.#sorted(list)
  }

  /** @throws DURE_STATE_ORPHAN if there are rows that nobody has taken */
  refuseLeft(): void {
    for (const [row] of this.#lists.values()) {
      const key = (row as Row).slice(0, this.#above + 1).join('/')
      throw fault('DURE_STATE_ORPHAN', { table: tableText(this.#table), id: this.#id, key })
    }
  }

  #sorted(rows: Row[]): readonly Row[] {
    const at = this.#above + 1
    let sorted = true
    let last = -Infinity
    for (const row of rows) {
      const ordinal = row[at]
      if (typeof ordinal !== 'number') {
        const { ordinal: column } = this.#table
        const details = { table: tableText(this.#table), id: this.#id, column, reason: 'it is not a number' }
        throw fault('DURE_STATE_UNREADABLE', details)
      }
      sorted &&= ordinal >= last
      last = ordinal
    }
    return sorted ? rows : rows.toSorted((a, b) => Number(a[at]) - Number(b[at]))
  }

  #keyOf(row: Row): string {
    return this.#above === 1 ? String(row[0]) : JSON.stringify(row.slice(0, this.#above))
  }
}
