import { sameJson, type JsonObject } from '../../kernel/json.ts'
import { alternativesOf, kindFits, literalFits, type Alternative } from './alternatives.ts'
import { essenceOf, isObject, type EventShape } from './event-shape.ts'

/**
 * Why events stored in one shape cannot be taken for events of another, in words; undefined where they can. Fields that are
 * gone or may be absent, wider unions and lists of values, and numbers for integers do no harm; bounds are not looked at,
 * because stored events are trusted.
 */
export function incompatibility(stored: EventShape, now: EventShape): string | undefined {
  return new Comparison(stored.$defs, now.$defs).objects(stored, now, '')
}

type Problem = string | undefined

/** Deeper than any event of use, and a bound for schemas that hold themselves in a way that cannot be seen. */
const deepest = 30

class Comparison {
  readonly #old: JsonObject
  readonly #new: JsonObject
  /** What is being compared on the way here: of a class that holds itself, the inner one is as the outer one. */
  readonly #within: (readonly [JsonObject, JsonObject])[] = []

  constructor(old: JsonObject, fresh: JsonObject) {
    this.#old = old
    this.#new = fresh
  }

  objects(was: JsonObject, is: JsonObject, prefix: string): Problem {
    const [required, granted] = [namesIn(is), namesIn(was)]
    const missing = required.find((it) => !granted.includes(it))
    if (missing !== undefined)
      return `it now takes ${prefix}${missing} for granted, which stored events may lack`
    const [before, after] = [objectIn(was, 'properties'), objectIn(is, 'properties')]
    const rest = is['additionalProperties']
    for (const [name, old] of Object.entries(before)) {
      const fresh = Object.hasOwn(after, name) ? after[name] : rest
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
      return fits ? undefined : `${path} no longer takes ${JSON.stringify(old.literal)}`
    }
    const problems: string[] = []
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
    if (values.length === 0) return `${path} is of another kind now`
    return `${path} now takes only ${values.map((it) => JSON.stringify(it)).join(', ')}`
  }

  #schemas(was: JsonObject, is: JsonObject, path: string, named: string | undefined): Problem {
    if (was['allOf'] !== undefined || is['allOf'] !== undefined || isTuple(was) || isTuple(is)) {
      return sameJson(essenceOf(was), essenceOf(is)) ? undefined : `${path} is of another kind now`
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
