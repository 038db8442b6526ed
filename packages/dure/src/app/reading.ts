import type { AnyAggregate } from '../domain/aggregate.ts'
import type { Shape } from '../domain/fields/shape.ts'
import type { Caller } from '../kernel/caller.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { JsonObject } from '../kernel/json.ts'
import { refuseLate, type Limits } from '../kernel/limits.ts'
import type { Attached } from '../model/attached/attached.ts'
import type { Reading, Rows } from '../model/handler.ts'
import type { AnyView } from '../model/view.ts'
import { used } from '../model/attached/used.ts'
import type { ContextRuntime } from './context-runtime.ts'
import { repositoryOf } from './aggregates/repository.ts'
import type { Saving } from './aggregates/saving.ts'
import { keeperOf } from './aggregates/unit-of-work.ts'
import type { Place } from './token.ts'

/** What tells the reading side how far views have come; the engine is one. */
export interface Progress {
  /** The name the rows of a view are stored under. */
  rowsOf(context: string, view: string): string
  /** Resolves when the view has met every place that concerns it. @throws DURE_VIEW_BEHIND */
  caughtUp(context: string, view: string, places: readonly Place[], limits?: Limits): Promise<void>
}

/** Asks a query of any context for one of them; the answer as values. */
export type Asking = (from: string, query: AskedQuery, input: object, asker: Asker) => Promise<unknown>

/** A query of a contract, whatever it asks and answers. */
export interface AskedQuery {
  readonly context: string
  readonly name: string
}

/** On whose behalf something is read, and how long that may take. */
export interface Asker extends Limits, Caller {
  readonly correlation?: string
  readonly traceparent?: string
  readonly places: readonly Place[]
}

const none: readonly string[] = []

/** The `Reading` that handlers of a context get. */
export function readingOf(context: ContextRuntime, progress: Progress, ask: Asking, asker: Asker): Reading {
  return new ReadingSide(context, progress, ask, asker) as unknown as Reading
}

// Handlers take apart what they are given, so each part has to work by itself; made when it is taken, since a handler takes
// one or two of them and a call has no time to make all.
class ReadingSide {
  readonly actor: string
  readonly tenant: string
  readonly roles: readonly string[]
  readonly #context: ContextRuntime
  readonly #progress: Progress
  readonly #ask: Asking
  readonly #asker: Asker

  constructor(context: ContextRuntime, progress: Progress, ask: Asking, asker: Asker) {
    this.actor = asker.actor
    this.tenant = asker.tenant
    this.roles = asker.roles ?? none
    this.#context = context
    this.#progress = progress
    this.#ask = ask
    this.#asker = asker
  }

  get now(): () => Date {
    const { world } = this.#context
    return () => world.now()
  }

  get newId(): () => string {
    const { world } = this.#context
    return () => world.newId()
  }

  get view(): (view: AnyView) => Rows<object> {
    return (view) => rowsOf(this.#context, this.#progress, this.#asker, view)
  }

  get repository(): (aggregate: AnyAggregate) => object {
    return (aggregate) => {
      const { name, keepers, baselines, world } = this.#context
      refuseLate(this.#asker, world, `repository ${aggregate.name}`)
      if (!keepers.has(aggregate.name)) notOwn(name, `aggregate ${aggregate.name}`)
      const keeper = keeperOf(this.#context, aggregate)
      return repositoryOf(keeper, baselines, world, this.#asker.tenant, readOnly)
    }
  }

  get use(): (it: Attached<unknown>) => unknown {
    const { name, definition, clients } = this.#context
    return (it) => used(`context ${name}`, definition.attached, clients, it)
  }

  get ask(): (query: AskedQuery, input: object) => Promise<unknown> {
    return (query, input) => this.#ask(this.#context.name, query, input, this.#asker)
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

function rowsOf(context: ContextRuntime, progress: Progress, asker: Asker, view: AnyView): Rows<object> {
  const { definition } = view
  if (!context.definition.views.some((it) => it.definition === definition)) {
    notOwn(context.name, `view ${view.name}`)
  }
  const stored = progress.rowsOf(context.name, view.name)
  const { places } = asker
  const ready = () => {
    refuseLate(asker, context.world, `view ${view.name}`)
    return places.length === 0 ? undefined : progress.caughtUp(context.name, view.name, places, asker)
  }
  return {
    async get(key) {
      await ready()
      const row = (await context.store.readRows(stored, [key])).get(key)
      return row && definition.shape.decode(row)
    },
    async list(query = {}) {
      await ready()
      const { where, orderBy, descending, after, limit = 100, offset } = query
      const rows = await context.store.queryRows(stored, {
        limit: bounded(limit),
        ...(where && { where: encodeWhere(definition.shape, view.name, where) }),
        ...(orderBy !== undefined && { orderBy }),
        ...(descending !== undefined && { descending }),
        ...(after !== undefined && { after }),
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
