import { fault } from '../../kernel/errors/fault.ts'
import type { Cell, StateRows } from '../../ports/state-store.ts'
import { keyCell, looksLike, nouns, tooEarly } from './cells.ts'
import type { Layout, Placed, PlacedColumn, PlacedGroup, PlacedList } from './layout.ts'

/** A state with the rows that show it. */
export interface ShownState {
  readonly state: object
  readonly rows: StateRows
}

/** Writes one aggregate's state to rows; see {@link rowWriter}. */
export type RowWriter = (state: object, id: string, shown?: ShownState) => StateRows

type Row = readonly Cell[]
type Values = Readonly<Record<string, unknown>>

interface Writing {
  readonly id: string
  readonly children: Row[][]
  /** The rows of the state that `was` is of. */
  readonly shown: StateRows | undefined
}

/** Writes one part into the row that it belongs to; `was` is what `from` has come from, where its rows are known. */
type Step = (from: Values, row: Cell[], writing: Writing, was: Values | undefined) => void

/**
 * Compiles the way from a state to its rows, once: it is on the way of every command. A change leaves most entities of a
 * list the objects that they were, and where the rows before it are given, these keep theirs.
 * The writer throws DURE_STATE_UNSTORABLE for a state that its fields do not describe.
 */
export function rowWriter(aggregate: string, { tables, parts }: Layout): RowWriter {
  const steps = new Steps(aggregate).all(parts, '')
  const empty: Row = tables.root.columns.map(() => null)
  const lists = tables.children.length
  return (state, id, shown) => {
    const root = empty.slice()
    const children: Row[][] = []
    for (let i = 0; i < lists; i++) children.push([])
    const writing = { id, children, shown: shown?.rows }
    for (const step of steps) step(state as Values, root, writing, shown?.state as Values | undefined)
    return { root, children }
  }
}

class Steps {
  readonly #aggregate: string

  constructor(aggregate: string) {
    this.#aggregate = aggregate
  }

  all(parts: readonly Placed[], path: string): readonly Step[] {
    return parts.map((it) => {
      if (it.part === 'column') return this.#column(it, path + it.field)
      return it.part === 'group' ? this.#group(it, path + it.field) : this.#list(it, path + it.field)
    })
  }

  #column({ field, kind, absence, at, codec }: PlacedColumn, path: string): Step {
    const fits = looksLike(kind)
    const instant = kind === 'instant'
    const json = kind === 'json'
    return (from, row, writing) => {
      const given = from[field]
      if (given === undefined || (given === null && !json)) {
        if (absence === (given === undefined ? 'absent' : 'null')) return
        this.#refuse(writing, `${path} is ${given === undefined ? 'missing' : 'null'}`)
      }
      const value = codec.encode(given)
      if (!fits(value)) this.#refuse(writing, `${path} is not ${nouns[kind]}`)
      if (instant && tooEarly(value as string)) this.#refuse(writing, `${path} lies before 4713 BC`)
      row[at] = json ? JSON.stringify(value) : (value as Cell)
    }
  }

  #group({ field, optional, parts }: PlacedGroup, path: string): Step {
    const steps = this.all(parts, `${path}.`)
    return (from, row, writing, was) => {
      const inside = from[field]
      if (inside === undefined && optional) return
      if (!isObject(inside)) this.#refuse(writing, `${path} is missing`)
      const before = was?.[field] as Values | undefined
      for (const step of steps) step(inside, row, writing, before)
    }
  }

  #list(it: PlacedList, path: string): Step {
    const { field, table, depth, width, key, parts } = it
    const steps = this.all(parts, `${path}.`)
    const empty: Row = Array.from({ length: width }, () => null)
    const fits = looksLike(key.kind)
    // Where entities hold lists, rows of other tables would have to be found with theirs.
    const keeps = depth === 0 && !hasLists(parts)
    return (from, parent, writing, was) => {
      const list: unknown = from[field]
      if (!Array.isArray(list)) this.#refuse(writing, `${path} is missing`)
      const before = keeps ? (was?.[field] as readonly unknown[] | undefined) : undefined
      const shown = before && writing.shown?.children[table]
      const rows = writing.children[table] as Row[]
      const seen = new Set<string>()
      for (let i = 0; i < list.length; i++) {
        const entity = list[i] as unknown
        if (!isObject(entity)) this.#refuse(writing, `${path} holds what is no entity`)
        const given = entity[key.field]
        const own = given === undefined ? undefined : key.codec.encode(given)
        if (own === undefined || !fits(own)) {
          this.#refuse(writing, `the ${key.field} of an entity in ${path} is not ${nouns[key.kind]}`)
        }
        const text = keyCell(own)
        if (seen.size === seen.add(text).size) {
          this.#refuse(writing, `two entities in ${path} have the same ${key.field}`)
        }
        const old = entity === before?.[i] ? shown?.[i] : undefined
        // Somebody else may have given them other places, so a row is known by its key.
        if (old !== undefined && old[depth] === text && old[depth + 1] === i) {
          rows.push(old)
          continue
        }
        const row = empty.slice()
        for (let k = 0; k < depth; k++) row[k] = parent[k] as Cell
        row[depth] = text
        row[depth + 1] = i
        for (const step of steps) step(entity, row, writing, undefined)
        rows.push(row)
      }
    }
  }

  #refuse({ id }: Writing, reason: string): never {
    throw fault('DURE_STATE_UNSTORABLE', { aggregate: this.#aggregate, id, reason })
  }
}

function hasLists(parts: readonly Placed[]): boolean {
  return parts.some((it) => it.part === 'list' || (it.part === 'group' && hasLists(it.parts)))
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
