import { fault } from '../../kernel/errors/fault.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Cell, StateRows } from '../../ports/state-store.ts'
import { keyCell, looksLike, nouns, tooEarly } from './cells.ts'
import type { Layout, Placed, PlacedColumn, PlacedGroup, PlacedList } from './layout.ts'

/** Writes one aggregate's state to rows. */
export type RowWriter = (state: JsonObject, id: string) => StateRows

interface Writing {
  readonly id: string
  readonly children: (readonly Cell[])[][]
}

/** Writes one part into the row that it belongs to. */
type Step = (from: JsonObject, row: Cell[], writing: Writing) => void

/**
 * Compiles the way from a state's JSON to its rows, once: it is on the way of every command.
 * The writer throws DURE_STATE_UNSTORABLE for a state that its fields do not describe.
 */
export function rowWriter(aggregate: string, { tables, parts }: Layout): RowWriter {
  const steps = new Steps(aggregate).all(parts, '')
  const empty: readonly Cell[] = tables.root.columns.map(() => null)
  const lists = tables.children.length
  return (state, id) => {
    const root = empty.slice()
    const children: (readonly Cell[])[][] = []
    for (let i = 0; i < lists; i++) children.push([])
    const writing = { id, children }
    for (const step of steps) step(state, root, writing)
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

  #column({ field, kind, absence, at }: PlacedColumn, path: string): Step {
    const fits = looksLike(kind)
    const instant = kind === 'instant'
    const json = kind === 'json'
    return (from, row, writing) => {
      const value = from[field]
      if (value === undefined || (value === null && !json)) {
        if (absence === (value === undefined ? 'absent' : 'null')) return
        this.#refuse(writing, `${path} is ${value === undefined ? 'missing' : 'null'}`)
      }
      if (!fits(value)) this.#refuse(writing, `${path} is not ${nouns[kind]}`)
      if (instant && tooEarly(value as string)) this.#refuse(writing, `${path} lies before 4713 BC`)
      row[at] = json ? JSON.stringify(value) : (value as Cell)
    }
  }

  #group({ field, optional, parts }: PlacedGroup, path: string): Step {
    const steps = this.all(parts, `${path}.`)
    return (from, row, writing) => {
      const inside = from[field]
      if (inside === undefined && optional) return
      if (!isObject(inside)) this.#refuse(writing, `${path} is missing`)
      for (const step of steps) step(inside, row, writing)
    }
  }

  #list({ field, table, depth, width, key, parts }: PlacedList, path: string): Step {
    const steps = this.all(parts, `${path}.`)
    const empty: readonly Cell[] = Array.from({ length: width }, () => null)
    const fits = looksLike(key.kind)
    return (from, parent, writing) => {
      const list = from[field]
      if (!Array.isArray(list)) this.#refuse(writing, `${path} is missing`)
      const rows = writing.children[table] as (readonly Cell[])[]
      const seen = new Set<string>()
      for (let i = 0; i < list.length; i++) {
        const it = list[i] as Json
        if (!isObject(it)) this.#refuse(writing, `${path} holds what is no entity`)
        const own = it[key.field]
        if (own === undefined || !fits(own)) {
          this.#refuse(writing, `the ${key.field} of an entity in ${path} is not ${nouns[key.kind]}`)
        }
        const row = empty.slice()
        for (let k = 0; k < depth; k++) row[k] = parent[k] as Cell
        const text = keyCell(own)
        if (seen.size === seen.add(text).size) {
          this.#refuse(writing, `two entities in ${path} have the same ${key.field}`)
        }
        row[depth] = text
        row[depth + 1] = i
        for (const step of steps) step(it, row, writing)
        rows.push(row)
      }
    }
  }

  #refuse({ id }: Writing, reason: string): never {
    throw fault('DURE_STATE_UNSTORABLE', { aggregate: this.#aggregate, id, reason })
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
