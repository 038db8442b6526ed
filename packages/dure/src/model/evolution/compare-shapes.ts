import { sameJson, type Json, type JsonObject } from '../../kernel/json.ts'
import { alternativesOf, kindFits, literalFits, type Alternative } from './alternatives.ts'
import { essenceOf, isObject, type EventShape } from './event-shape.ts'

/**
 * Why events stored in one shape cannot be taken for events of another, in words; undefined where they can. Fields that are
 * gone or may be absent, wider unions and lists of values, and numbers for integers do no harm; bounds are not looked at,
 * because stored events are trusted.
 */
export function incompatibility(stored: EventShape, now: EventShape): string | undefined {
  const found = new Comparison(stored.$defs, now.$defs, false).objects(stored, now, '')
  return found && inWords(found)
}

/** Why what was written in one shape is not read as another. */
export interface Difference {
  /** The field, with the way to it: `lines.quantity`. */
  readonly path: string
  /**
   * `missing`: the reader takes it for granted, and it may be absent. `gone`: the reader does not know it. `value` and `only`:
   * the reader takes certain values, others than these. `kind`: they hold different things.
   */
  readonly how: 'missing' | 'gone' | 'value' | 'only' | 'kind'
  readonly values: readonly Json[]
}

/**
 * What of a shape that is written does not fit the shape in which it is read, a difference at most for each of its fields.
 * With `exact`, a field that the reader does not know is one too.
 */
export function differences(written: EventShape, read: EventShape, exact: boolean): readonly Difference[] {
  const names = new Set([...Object.keys(written.properties), ...Object.keys(read.properties)])
  const comparison = new Comparison(written.$defs, read.$defs, exact)
  return [...names].flatMap((it) => {
    const found = comparison.objects(only(written, it), only(read, it), '')
    return found === undefined ? [] : [found]
  })
}

function only({ properties, required }: EventShape, name: string): JsonObject {
  const has = Object.hasOwn(properties, name)
  return {
    properties: has ? { [name]: properties[name] as Json } : {},
    required: required.filter((it) => it === name),
  }
}

function inWords({ path, how, values }: Difference): string {
  const listed = values.map((it) => JSON.stringify(it)).join(', ')
  if (how === 'missing') return `it now takes ${path} for granted, which stored events may lack`
  if (how === 'value') return `${path} no longer takes ${listed}`
  return how === 'only' ? `${path} now takes only ${listed}` : `${path} is of another kind now`
}

type Problem = Difference | undefined

const differs = (path: string, how: Difference['how'], values: readonly Json[] = []): Difference => ({
  path,
  how,
  values,
})

/** Deeper than any event of use, and a bound for schemas that hold themselves in a way that cannot be seen. */
const deepest = 30

class Comparison {
  readonly #old: JsonObject
  readonly #new: JsonObject
  readonly #exact: boolean
  /** What is being compared on the way here: of a class that holds itself, the inner one is as the outer one. */
  readonly #within: (readonly [JsonObject, JsonObject])[] = []

  constructor(old: JsonObject, fresh: JsonObject, exact: boolean) {
    this.#exact = exact
    this.#old = old
    this.#new = fresh
  }

  objects(was: JsonObject, is: JsonObject, prefix: string): Problem {
    const [required, granted] = [namesIn(is), namesIn(was)]
    const missing = required.find((it) => !granted.includes(it))
    if (missing !== undefined) return differs(prefix + missing, 'missing')
    const [before, after] = [objectIn(was, 'properties'), objectIn(is, 'properties')]
    const rest = is['additionalProperties']
    for (const [name, old] of Object.entries(before)) {
      const fresh = Object.hasOwn(after, name) ? after[name] : rest
      if (this.#exact && fresh === undefined) return differs(prefix + name, 'gone')
      const problem = isObject(fresh) && isObject(old) ? this.field(old, fresh, prefix + name) : undefined
      if (problem !== undefined) return problem
    }
    const others = was['additionalProperties']
    return isObject(others) && isObject(rest) ? this.field(others, rest, `${prefix}*`) : undefined
  }

  field(was: JsonObject, is: JsonObject, path: string): Problem {
    const fresh = alternativesOf(is, this.#new)
    for (const old of alternativesOf(was, this.#old)) {
      const problem = this.#accepted(old, fresh, path)
      if (problem !== undefined) return problem
    }
    return undefined
  }

  #accepted(old: Alternative, fresh: readonly Alternative[], path: string): Problem {
    if ('literal' in old) {
      const fits = fresh.some((it) =>
        'literal' in it ? sameJson(it.literal, old.literal) : literalFits(old.literal, it.kind),
      )
      return fits ? undefined : differs(path, 'value', [old.literal])
    }
    const problems: Difference[] = []
    for (const it of fresh) {
      if ('literal' in it || !kindFits(old, it.kind)) continue
      const problem = this.#schemas(old.schema, it.schema, path, it.named)
      if (problem === undefined) return undefined
      problems.push(problem)
    }
    if (problems[0] !== undefined) return problems[0]
    const values = fresh.flatMap((it) =>
      'literal' in it && literalFits(it.literal, old.kind) ? [it.literal] : [],
    )
    return values.length === 0 ? differs(path, 'kind') : differs(path, 'only', values)
  }

  #schemas(was: JsonObject, is: JsonObject, path: string, named: string | undefined): Problem {
    if (was['allOf'] !== undefined || is['allOf'] !== undefined || isTuple(was) || isTuple(is)) {
      return sameJson(essenceOf(was), essenceOf(is)) ? undefined : differs(path, 'kind')
    }
    if (was['type'] === 'array' && isObject(was['items']) && isObject(is['items'])) {
      return this.field(was['items'], is['items'], path)
    }
    if (was['type'] !== 'object' || this.#within.some(([a, b]) => a === was && b === is)) return undefined
    if (this.#within.length > deepest) return undefined
    this.#within.push([was, is])
    const problem = this.objects(was, is, `${named ?? path}.`)
    this.#within.pop()
    return problem
  }
}

const isTuple = (it: JsonObject): boolean => it['prefixItems'] !== undefined

function namesIn({ required }: JsonObject): readonly string[] {
  return Array.isArray(required) ? (required as readonly string[]) : []
}

function objectIn(it: JsonObject, name: string): JsonObject {
  const found = it[name]
  return isObject(found) ? found : {}
}
