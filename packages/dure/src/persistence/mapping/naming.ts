import { fault } from '../../kernel/errors/fault.ts'
import { nearest } from '../../model/check/nearest.ts'
import { snakeCase } from './snake-case.ts'

/** The names that a mapping gives, where they are not the derived ones. */
export interface Naming {
  readonly table?: string
  readonly id?: string
  readonly version?: string
  readonly shape?: string
  readonly tenant?: string | false
  readonly columns?: Readonly<Record<string, string | undefined>>
  readonly children?: Readonly<Record<string, ChildNaming | undefined>>
}

/** The columns of a child table that hold no field. */
export interface ChildNaming {
  /** What holds the id of the aggregate; in a list inside a list, then the ids of the entities around, outermost first. */
  readonly parent?: string | readonly string[]
  readonly ordinal?: string
}

/** What the fields of one aggregate are called in its tables; knows which of the names given were for no field. */
export class FieldNames {
  readonly where: string
  readonly #naming: Naming
  readonly #fields = new Set<string>()
  readonly #lists = new Set<string>()

  constructor(where: string, naming: Naming) {
    this.where = where
    this.#naming = naming
  }

  /** The name that was given to a field, else the derived one. A name given to a field is whole: no prefix is put before. */
  of(path: string, prefix: string, field: string): string {
    this.#fields.add(path)
    return this.#naming.columns?.[path] ?? prefix + snakeCase(field)
  }

  child(path: string): ChildNaming {
    this.#lists.add(path)
    return this.#naming.children?.[path] ?? {}
  }

  /** @throws DURE_MAPPING_INVALID */
  refuseUnknown(): void {
    for (const path of Object.keys(this.#naming.columns ?? {})) {
      if (!this.#fields.has(path)) this.#unknown('columns', 'field', path, this.#fields)
    }
    for (const path of Object.keys(this.#naming.children ?? {})) {
      if (!this.#lists.has(path)) this.#unknown('children', 'list of entities', path, this.#lists)
    }
  }

  #unknown(option: string, kind: string, path: string, known: ReadonlySet<string>): never {
    const near = nearest(path, known)
    const all = known.size === 0 ? `It has no ${kind}.` : `Name one of ${[...known].join(', ')}.`
    throw fault('DURE_MAPPING_INVALID', {
      where: this.where,
      reason: `${option} names ${path}, which is no ${kind} with a place of its own.`,
      fix: near === undefined ? all : `Did you mean ${near}?`,
    })
  }
}
