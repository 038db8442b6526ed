import type { AnyAggregate } from '../domain/aggregate.ts'
import { shapeOf, type Shape } from '../domain/fields/shape.ts'
import type { Fields } from '../domain/fields/field.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { Reading, Rows } from '../model/handler.ts'
import type { AnyView } from '../model/view.ts'
import type { ContextRuntime } from './context-runtime.ts'
import { plainJson } from '../kernel/plain-json.ts'
import { repositoryOf } from './aggregates/repository.ts'
import type { Saving } from './aggregates/saving.ts'
import { keeperOf } from './aggregates/unit-of-work.ts'
import type { Place } from './token.ts'

/** What tells the reading side how far views have come; the engine is one. */
export interface Progress {
  /** The name the rows of a view are stored under. */
  rowsOf(context: string, view: string): string
  /** Resolves when the view has met every place that concerns it. @throws DURE_VIEW_BEHIND */
  caughtUp(context: string, view: string, places: readonly Place[]): Promise<void>
}

/** Asks a query of any context, encoded both ways: what crosses a boundary is a copy. */
export type Asking = (
  from: string,
  query: { readonly context: string; readonly name: string },
  input: Json,
  asker: Asker,
) => Promise<Json>

/** On whose behalf something is read. */
export interface Asker {
  readonly actor: string
  readonly tenant: string
  readonly places: readonly Place[]
}

/** The `Reading` that handlers of a context get. */
export function readingOf(context: ContextRuntime, progress: Progress, ask: Asking, asker: Asker): Reading {
  const { world, baselines } = context
  const reading = {
    actor: asker.actor,
    tenant: asker.tenant,
    now: () => world.now(),
    newId: () => world.newId(),
    view: (view: AnyView) => rowsOf(context, progress, asker.places, view),
    repository: (aggregate: AnyAggregate) => {
      if (!context.keepers.has(aggregate.name)) notOwn(context.name, `aggregate ${aggregate.name}`)
      return repositoryOf(keeperOf(context, aggregate), baselines, world, asker.tenant, readOnly)
    },
    ask: (query: AskedQuery, input: object) => askOther(context.name, ask, asker, query, input),
  }
  return reading as unknown as Reading
}

interface AskedQuery {
  readonly context: string
  readonly name: string
  readonly out: unknown
}

async function askOther(
  from: string,
  ask: Asking,
  asker: Asker,
  query: AskedQuery,
  input: object,
): Promise<unknown> {
  const answer = await ask(from, query, plainJson(input), asker)
  return answerCodec(query).decode(answer)
}

/** Reads and writes the answer of a query, be its `out` a field map or one field. */
export function answerCodec(query: { name: string; out: unknown }): {
  parse: Shape['parse']
  encode(value: unknown): Json
  decode(json: Json): unknown
} {
  const out = query.out as Fields
  const single = typeof out === 'function' || '~standard' in out
  if (!single) return shapeOf(out, query.name)
  const shape = shapeOf({ answer: out as never }, query.name)
  return {
    parse: (value, issues, reading) => shape.parse({ answer: value }, issues, reading),
    encode: (value) => shape.encode(value as object)['answer'] as Json,
    decode: (json) => shape.decode({ answer: json })['answer'],
  }
}

const readOnly: Saving = {
  async save() {
    throw fault('DURE_MODEL_INVALID', {
      where: 'repository of a handler',
      reason: 'a handler only looks; decisions go through commands.',
      fix: 'Return the input of the command from handle(…), or issue it from a policy.',
    })
  },
}

function notOwn(context: string, what: string): never {
  throw fault('DURE_MODEL_INVALID', {
    where: `context ${context}`,
    reason: `a handler asks for the ${what}, which is not a part of the context.`,
    fix: 'Add it to the parts of the context, or ask the other context by a query of its contract.',
  })
}

function rowsOf(
  context: ContextRuntime,
  progress: Progress,
  places: readonly Place[],
  view: AnyView,
): Rows<object> {
  const { definition } = view
  if (!context.definition.views.some((it) => it.definition === definition)) {
    notOwn(context.name, `view ${view.name}`)
  }
  const stored = progress.rowsOf(context.name, view.name)
  const ready = () => (places.length === 0 ? undefined : progress.caughtUp(context.name, view.name, places))
  return {
    async get(key) {
      await ready()
      const row = (await context.store.readRows(stored, [key])).get(key)
      return row && definition.shape.decode(row)
    },
    async list(query = {}) {
      await ready()
      const { where, orderBy, descending, limit = 100, offset } = query
      const rows = await context.store.queryRows(stored, {
        limit: bounded(limit),
        ...(where && { where: encodeWhere(definition.shape, view.name, where) }),
        ...(orderBy !== undefined && { orderBy }),
        ...(descending !== undefined && { descending }),
        ...(offset !== undefined && { offset }),
      })
      return rows.map((row) => definition.shape.decode(row))
    },
  }
}

const bounded = (limit: number): number => Math.min(1000, Math.max(1, Math.floor(limit)))

function encodeWhere(shape: Shape, view: string, where: object): JsonObject {
  const unknown = Object.keys(where).filter((it) => !shape.codecs.has(it))
  if (unknown.length > 0) {
    throw fault('DURE_MODEL_INVALID', {
      where: `view ${view}`,
      reason: `it is asked by ${unknown.join(', ')}, which is not a field of its row.`,
      fix: `Ask by ${[...shape.codecs.keys()].join(', ')}.`,
    })
  }
  return shape.encode(where)
}
