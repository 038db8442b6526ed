import { sameJson, type Json, type JsonObject } from '../../kernel/json.ts'
import { mapRefs } from '../../model/json-schema.ts'

const DEFS = '#/$defs/'
const SCHEMAS = '#/components/schemas/'

/** Collects the schemas of a document: what is the same has one name, what differs never shares one. */
export class Components {
  readonly #schemas: Map<string, Json>

  constructor(fixed: JsonObject) {
    this.#schemas = new Map(Object.entries(fixed))
  }

  /** Moves the `$defs` of a schema here; the rest, with its references following. */
  add(schema: JsonObject, context: string): JsonObject {
    const { $defs = {}, ...rest } = schema
    const defs = Object.entries($defs as JsonObject)
    if (defs.length === 0) return rest
    const names = this.#place(defs, context)
    return this.#follow(rest, names) as JsonObject
  }

  /** Puts a schema under a name of its own; a reference to it. */
  named(name: string, schema: JsonObject): JsonObject {
    this.#schemas.set(name, schema)
    return { $ref: SCHEMAS + name }
  }

  isObject(schema: JsonObject): boolean {
    const ref = schema['$ref']
    const it = typeof ref === 'string' ? this.#schemas.get(ref.slice(SCHEMAS.length)) : schema
    return (it as JsonObject | undefined)?.['type'] === 'object'
  }

  schemas(): JsonObject {
    return Object.fromEntries([...this.#schemas].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }

  // A definition may refer to others of its schema, also to itself, so all move together: a name that is taken by something
  // else is changed and all are looked at again, until they fit.
  #place(defs: readonly (readonly [string, Json])[], context: string): ReadonlyMap<string, string> {
    const names = new Map(defs.map(([name]) => [name, { tried: 0, now: name }]))
    for (;;) {
      const now = new Map([...names].map(([name, it]) => [name, it.now]))
      const moved = defs.map(([name, it]) => [now.get(name) as string, this.#follow(it, now), name] as const)
      const clash = moved.filter(([to, it]) => this.#schemas.has(to) && !sameJson(this.#schemas.get(to), it))
      if (clash.length === 0) {
        for (const [to, it] of moved) this.#schemas.set(to, it)
        return now
      }
      for (const [, , name] of clash) {
        const tried = (names.get(name)?.tried ?? 0) + 1
        names.set(name, { tried, now: tried === 1 ? `${context}.${name}` : `${context}.${name}.${tried}` })
      }
    }
  }

  #follow(schema: Json, names: ReadonlyMap<string, string>): Json {
    return mapRefs(schema, (ref) => {
      const name = ref.startsWith(DEFS) ? names.get(ref.slice(DEFS.length)) : undefined
      return name === undefined ? ref : SCHEMAS + name
    })
  }
}

/** The components that the paths refer to, directly or through others. */
export function used(components: JsonObject, paths: object): JsonObject {
  const met = new Set<string>()
  const visit = (it: Json): void => {
    mapRefs(it, (ref) => {
      const [section = '', name = ''] = ref.split('/').slice(2)
      const target = (components[section] as JsonObject | undefined)?.[name]
      if (target !== undefined && !met.has(ref)) {
        met.add(ref)
        visit(target)
      }
      return ref
    })
  }
  visit(paths as JsonObject)
  const sections = Object.entries(components).map(([section, all]) => {
    const kept = Object.entries(all as JsonObject).filter(([name]) =>
      met.has(`#/components/${section}/${name}`),
    )
    return [section, Object.fromEntries(kept)] as const
  })
  return Object.fromEntries(sections.filter(([, all]) => Object.keys(all).length > 0))
}
