import type { System } from '../system.ts'
import { fault } from '../../kernel/errors/fault.ts'
import { sameJson, type Json, type JsonObject } from '../../kernel/json.ts'
import { essenceOf, isObject, type EventShape } from './event-shape.ts'
import { modelShapes, type ModelShape } from './model-shapes.ts'

/** What a version of an event looked like, and the release that first recorded it so. */
export interface RecordedShape {
  readonly since: string
  readonly shape: EventShape
}

/** By version, oldest release first: a version may grow by optional fields. */
export type RecordedVersions = Readonly<Record<string, readonly RecordedShape[]>>

/** By event, as the log names it. */
export type RecordedAggregate = Readonly<Record<string, RecordedVersions>>

/** What events looked like, release by release; only added to. By context, aggregate, event and version. */
export interface RecordedShapes {
  readonly format: 'dure-shapes/1'
  readonly contexts: Readonly<Record<string, Readonly<Record<string, RecordedAggregate>>>>
}

/** A record without an entry. */
export const nothingRecorded: RecordedShapes = { format: 'dure-shapes/1', contexts: {} }

/** The versions of events that are not recorded as they are now. */
export function unrecorded(system: System, recorded: RecordedShapes): readonly ModelShape[] {
  return [...modelShapes(system)].filter(({ context, aggregate, event, version, shape }) => {
    const known = own(own(own(own(recorded.contexts, context), aggregate), event), String(version)) ?? []
    return !known.some((it) => sameJson(essenceOf(it.shape), essenceOf(shape)))
  })
}

/** The record with these added for a release. */
export function recordedWith(
  recorded: RecordedShapes,
  added: readonly ModelShape[],
  release: string,
): RecordedShapes {
  let contexts = recorded.contexts
  for (const { context, aggregate, event, version, shape } of added) {
    const aggregates = own(contexts, context) ?? {}
    const events = own(aggregates, aggregate) ?? {}
    const versions = own(events, event) ?? {}
    const known = own(versions, String(version)) ?? []
    const grown = { ...versions, [version]: [...known, { since: release, shape }] }
    contexts = { ...contexts, [context]: { ...aggregates, [aggregate]: { ...events, [event]: grown } } }
  }
  return { format: 'dure-shapes/1', contexts }
}

/**
 * Reads a record.
 * @throws DURE_SHAPES_INVALID
 */
export function parseRecordedShapes(text: string, file: string): RecordedShapes {
  const read = new Reader(file)
  const root = read.object(read.json(text), [])
  if (root['format'] !== 'dure-shapes/1') read.wrong(['format'], 'expected "dure-shapes/1"')
  read.only(root, ['format', 'contexts'], [])
  read.each(root['contexts'], ['contexts'], (context, inContext) =>
    read.each(context, inContext, (aggregate, inAggregate) =>
      read.each(aggregate, inAggregate, (event, inEvent) =>
        read.each(event, inEvent, (version, at) => read.version(version, at)),
      ),
    ),
  )
  return root as unknown as RecordedShapes
}

type Path = readonly (string | number)[]

class Reader {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  json(text: string): Json {
    try {
      return JSON.parse(text) as Json
    } catch (error) {
      return this.wrong([], `it is not JSON: ${(error as Error).message}`)
    }
  }

  version(it: Json, at: Path): void {
    if (!/^[1-9]\d*$/.test(String(at.at(-1)))) this.wrong(at, 'a version is a whole number from 1')
    if (!Array.isArray(it) || it.length === 0) this.wrong(at, 'expected a list with at least one shape')
    for (const [i, entry] of (it as readonly Json[]).entries()) this.#entry(entry, [...at, i])
  }

  #entry(it: Json, at: Path): void {
    const entry = this.object(it, at)
    this.only(entry, ['since', 'shape'], at)
    const { since } = entry
    if (typeof since !== 'string' || since === '')
      this.wrong([...at, 'since'], 'expected the name of a release')
    const where = [...at, 'shape']
    const shape = this.object(entry['shape'], where)
    this.only(shape, ['properties', 'required', '$defs'], where)
    for (const key of ['properties', '$defs']) {
      this.each(shape[key], [...where, key], (inner, path) => this.object(inner, path))
    }
    const { required } = shape
    const properties = shape['properties'] as JsonObject
    if (!Array.isArray(required) || !required.every((it) => Object.hasOwn(properties, String(it))))
      this.wrong([...where, 'required'], 'expected a list of names of its properties')
  }

  each(it: Json | undefined, at: Path, check: (inner: Json, path: Path) => void): void {
    for (const [name, inner] of Object.entries(this.object(it, at))) check(inner, [...at, name])
  }

  only(it: JsonObject, known: readonly string[], at: Path): void {
    const extra = Object.keys(it).find((key) => !known.includes(key))
    if (extra !== undefined) this.wrong([...at, extra], `unknown; expected ${known.join(', ')}`)
  }

  object(it: Json | undefined, at: Path): JsonObject {
    return isObject(it) ? it : this.wrong(at, it === undefined ? 'it is missing' : 'expected an object')
  }

  wrong(at: Path, reason: string): never {
    throw fault('DURE_SHAPES_INVALID', { file: this.#file, where: at.join('.'), reason })
  }
}

function own<T>(it: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return it !== undefined && Object.hasOwn(it, name) ? it[name] : undefined
}
