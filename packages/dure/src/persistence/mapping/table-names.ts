import { fault } from '../../kernel/errors/fault.ts'

/** PostgreSQL cuts longer ones off without a word. */
const MAX_BYTES = 63

// What a schema of Dure's own holds already, the partitions of its log and its replies among it.
const reserved =
  /^(streams|events|events_\d+|events_position|replies|replies_\d+|cursors|inbox|parked|view_rows|meta|migrations|claims|claims_holder|snapshots|kept_tables)$/

/** Every table of PostgreSQL has them. */
const systemColumns = /^(tableoid|ctid|xmin|xmax|cmin|cmax)$/

/** A table as a mapping names it: `orders` in the context's own schema, `crm.customers` in somebody else's. */
export interface TableName {
  readonly schema?: string
  readonly name: string
}

/** What a name is for, and how its user gives another. */
export interface Purpose {
  /** The mapping: `asState(Order)`. */
  readonly where: string
  /** `the field shipTo`. */
  readonly what: string
  readonly fix: string
}

/** @throws DURE_MAPPING_INVALID */
export function tableName(text: string, purpose: Purpose): TableName {
  const parts = text.split('.')
  for (const it of parts) checkIdentifier(it, purpose)
  const [first = '', second] = parts
  if (parts.length > 2) {
    throw invalid(purpose, `${text} is no table; it has ${parts.length} parts.`)
  }
  return second === undefined ? { name: first } : { schema: first, name: second }
}

/** As it is named in mappings and errors. */
export function tableText({ schema, name }: TableName): string {
  return schema === undefined ? name : `${schema}.${name}`
}

/** Refuses the name of a table of Dure's own. */
export function checkFree(name: string, purpose: Purpose): void {
  if (reserved.test(name))
    throw invalid(purpose, `${purpose.what} would be kept in Dure’s own table ${name}.`)
}

/** The names of one table, or of one schema: each is taken once. */
export class TakenNames {
  readonly #in: string
  readonly #owners = new Map<string, string>()

  /** `within` names the place in errors. */
  constructor(within: string) {
    this.#in = within
  }

  /** @throws DURE_MAPPING_INVALID */
  takeColumn(name: string, purpose: Purpose): void {
    checkIdentifier(name, purpose)
    if (systemColumns.test(name)) {
      throw invalid(purpose, `${name} is a column of PostgreSQL’s own; ${purpose.what} needs another.`)
    }
    this.take(name, purpose)
  }

  /** @throws DURE_MAPPING_INVALID */
  take(name: string, purpose: Purpose): void {
    const owner = this.#owners.get(name)
    if (owner !== undefined) {
      throw invalid(
        purpose,
        `the name ${name} in ${this.#in} is taken by ${owner}; ${purpose.what} needs another.`,
      )
    }
    this.#owners.set(name, purpose.what)
  }
}

function checkIdentifier(name: string, purpose: Purpose): void {
  if (name === '') throw invalid(purpose, `${purpose.what} has an empty name.`)
  if (name.includes('\0') || !name.isWellFormed()) {
    throw invalid(purpose, `the name of ${purpose.what} holds U+0000 or half a surrogate pair.`)
  }
  const bytes = new TextEncoder().encode(name).length
  if (bytes > MAX_BYTES) {
    throw invalid(purpose, `${name} has ${bytes} bytes; a database holds names of ${MAX_BYTES}.`)
  }
}

function invalid({ where, fix }: Purpose, reason: string): Error {
  return fault('DURE_MAPPING_INVALID', { where, reason, fix })
}
