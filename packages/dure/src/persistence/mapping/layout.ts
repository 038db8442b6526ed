import { fault } from '../../kernel/errors/fault.ts'
import type { AggregateTables, ChildTable, RootTable, StateColumn } from '../../ports/state-store.ts'
import { FieldNames, type Naming } from './naming.ts'
import { isWitness, type ColumnPart, type ListPart, type Part } from './parts.ts'
import { snakeCase } from './snake-case.ts'
import { checkFree, tableName, TakenNames, tableText, type Purpose, type TableName } from './table-names.ts'

/** A column with its place in the rows of its table. */
export interface PlacedColumn extends ColumnPart {
  readonly name: string
  readonly at: number
}

export interface PlacedGroup {
  readonly part: 'group'
  readonly field: string
  readonly optional: boolean
  readonly parts: readonly Placed[]
  /** Places of the cells of which at least one is not NULL where the group is there. */
  readonly witnesses: readonly number[]
}

export interface PlacedList {
  readonly part: 'list'
  readonly field: string
  /** Its table among the children. */
  readonly table: number
  /** How many lists it is inside of. */
  readonly depth: number
  readonly width: number
  readonly key: PlacedColumn
  readonly parts: readonly Placed[]
}

/** A part with its place. */
export type Placed = PlacedColumn | PlacedGroup | PlacedList

/** The tables of an aggregate, and where in them each field stands. */
export interface Layout {
  readonly tables: AggregateTables
  readonly parts: readonly Placed[]
}

interface Draft {
  readonly table: TableName
  readonly keys: readonly string[]
  readonly columns: StateColumn[]
  readonly taken: TakenNames
  /** Its index among the children; absent: the root. */
  readonly index?: number
}

/** Where in the model and in the names of a table a part is. */
interface Spot {
  readonly path: string
  readonly prefix: string
  readonly draft: Draft
}

/**
 * Gives every part its table and column.
 * @throws DURE_MAPPING_INVALID
 */
export function layOut(aggregate: string, parts: readonly Part[], naming: Naming): Layout {
  return new Tables(aggregate, naming).place(parts)
}

class Tables {
  readonly #names: FieldNames
  readonly #root: RootTable
  readonly #derived: boolean
  readonly #children: (ChildTable & { readonly columns: StateColumn[] })[] = []
  readonly #tables: TakenNames

  constructor(aggregate: string, naming: Naming) {
    const where = `asState(${aggregate})`
    const { id = 'id', version = 'version', shape = 'shape', tenant = 'tenant' } = naming
    const purpose = { where, what: `the aggregate ${aggregate}`, fix: 'Give it another name: table: ….' }
    const table = tableName(naming.table ?? snakeCase(aggregate), purpose)
    this.#names = new FieldNames(where, naming)
    this.#derived = table.schema === undefined
    this.#tables = new TakenNames('the schema')
    const columns: StateColumn[] = []
    this.#root = { ...table, ...(tenant !== false && { tenant }), keys: [id], columns, version, shape }
    this.#takeTable(table, purpose)
  }

  place(parts: readonly Part[]): Layout {
    const { tenant, keys, version, shape } = this.#root
    const columns = this.#root.columns as StateColumn[]
    const taken = new TakenNames(tableText(this.#root))
    const own = { tenant, id: keys[0], version, shape }
    for (const [option, name] of Object.entries(own)) {
      if (name !== undefined) taken.takeColumn(name, this.#option(`the ${option}`, `${option}: '…'`))
    }
    const spot = { path: '', prefix: '', draft: { table: this.#root, keys, columns, taken } }
    const placed = this.#placeAll(parts, spot)
    this.#names.refuseUnknown()
    return { tables: { root: this.#root, children: this.#children, derived: this.#derived }, parts: placed }
  }

  #placeAll(parts: readonly Part[], spot: Spot): readonly Placed[] {
    return parts.map((it) => {
      if (it.part === 'list') return this.#placeList(it, spot)
      if (it.part === 'column') return this.#placeColumn(it, spot)
      const path = spot.path + it.field
      const name = this.#names.of(path, spot.prefix, it.field)
      const inside = { ...spot, path: `${path}.`, prefix: name === '' ? '' : `${name}_` }
      const placed = this.#placeAll(it.parts, inside)
      return { ...it, parts: placed, witnesses: witnessesOf(placed) }
    })
  }

  #placeColumn(it: ColumnPart, { path: before, prefix, draft }: Spot): PlacedColumn {
    const path = before + it.field
    const name = this.#names.of(path, prefix, it.field)
    draft.taken.takeColumn(name, this.#field(path))
    draft.columns.push({ name, kind: it.kind, indexed: it.indexed })
    // In a child table the keys but the aggregate's, and the ordinal, come first.
    const first = draft.index === undefined ? 0 : draft.keys.length
    return { ...it, name, at: first + draft.columns.length - 1 }
  }

  #placeList(it: ListPart, { path: before, prefix, draft: above }: Spot): PlacedList {
    const path = before + it.field
    const purpose = this.#field(path)
    const table = this.#childName(this.#names.of(path, `${above.table.name}_${prefix}`, it.field), purpose)
    this.#takeTable(table, purpose)
    const { parent, ordinal = 'ordinal' } = this.#names.child(path)
    const parents = parent === undefined ? above.keys : [parent].flat()
    if (parents.length !== above.keys.length) {
      const reason = `children names ${parents.length} columns for the parent of ${path}; it takes ${above.keys.length}.`
      throw this.#invalid(reason, 'Name the columns of all ids around the list, that of the aggregate first.')
    }
    const keyPath = `${path}.${it.key.field}`
    const key = this.#names.of(keyPath, '', it.key.field)
    const keys = [...parents, key]
    const { tenant } = this.#root
    const taken = new TakenNames(tableText(table))
    const option = (what: string) => this.#option(what, `children: { ${quoted(path)}: { … } }`)
    if (tenant !== undefined) taken.takeColumn(tenant, this.#option('the tenant', `tenant: '…'`))
    for (const name of parents) taken.takeColumn(name, option('the parent'))
    taken.takeColumn(ordinal, option('the place in the list'))
    taken.takeColumn(key, this.#field(keyPath))
    const columns: StateColumn[] = []
    const index = this.#children.length
    const own = { ...table, ...(tenant !== undefined && { tenant }), keys, columns, ordinal }
    this.#children.push({ ...own, ...(above.index !== undefined && { parent: above.index }) })
    const draft = { table, keys, columns, taken, index }
    const parts = this.#placeAll(it.parts, { path: `${path}.`, prefix: '', draft })
    const depth = keys.length - 2
    const placedKey = { ...it.key, name: key, at: depth }
    return {
      part: 'list',
      field: it.field,
      table: index,
      depth,
      width: keys.length + columns.length,
      key: placedKey,
      parts,
    }
  }

  #childName(text: string, purpose: Purpose): TableName {
    const { schema, name } = tableName(text, purpose)
    if (this.#derived && schema !== undefined) {
      throw this.#invalid(
        `${text} is somebody else’s table, but ${this.#root.name} is Dure’s own.`,
        purpose.fix,
      )
    }
    const inherited = schema ?? this.#root.schema
    return inherited === undefined ? { name } : { schema: inherited, name }
  }

  #takeTable(table: TableName, purpose: Purpose): void {
    if (this.#derived) checkFree(table.name, purpose)
    this.#tables.take(this.#derived ? table.name : tableText(table), purpose)
  }

  #field(path: string): Purpose {
    const fix = `Give it another name: columns: { ${quoted(path)}: '…' }.`
    return { where: this.#names.where, what: `the field ${path}`, fix }
  }

  #option(what: string, option: string): Purpose {
    return { where: this.#names.where, what, fix: `Give it another name: ${option}.` }
  }

  #invalid(reason: string, fix: string): Error {
    return fault('DURE_MAPPING_INVALID', { where: this.#names.where, reason, fix })
  }
}

function witnessesOf(parts: readonly Placed[]): readonly number[] {
  return parts.flatMap((it) => {
    if (it.part === 'group') return it.optional ? [] : it.witnesses
    return it.part === 'column' && isWitness(it) ? [it.at] : []
  })
}

function quoted(path: string): string {
  return path.includes('.') ? `'${path}'` : path
}
