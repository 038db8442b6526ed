import type { ContextRuntime } from '../../app/context-runtime.ts'
import { derivedId, digest } from '../../app/digest.ts'
import { fault } from '../../kernel/errors/fault.ts'
import { sameJson, type Json } from '../../kernel/json.ts'
import { plainJson } from '../../kernel/plain-json.ts'
import type { Polled, PollerDefinition } from '../../model/jobs/poller.ts'
import type { RowWrite } from '../../ports/event-store.ts'
import { readingWith, type Around } from './around.ts'
import { nextPoll } from './due.ts'
import { failureOf, Overtaken, pauseMs } from './failure.ts'
import { handleItems, itemsOf, type Item } from './handle-items.ts'
import { Broken, type Hold } from './hold.ts'
import { pollerKey, polledRows, type PollerRow } from './rows.ts'
import type { TaskRows } from './task-rows.ts'

/** Items that are handled in one transaction. */
const together = 100
/** Keys that are forgotten at once. */
const many = 1000
const dayMs = 86_400_000

/** What an item that was handled is remembered by. */
const polledKey = (poller: string, { tenant, key }: Omit<Item, 'item'>): string => digest(poller, tenant, key)

/** A key that is remembered. */
export function polledRow(poller: string, item: Omit<Item, 'item'>, at: Date): RowWrite {
  const row = { poller, item: item.key, tenant: item.tenant, at: at.toISOString() }
  return { view: polledRows, key: polledKey(poller, item), row }
}

/** Asks the source of one poller, and has what is new handled, under a lease. */
export class PollWorker {
  readonly #context: ContextRuntime
  readonly #definition: PollerDefinition
  readonly #rows: TaskRows
  readonly #around: Around
  readonly #key: string

  constructor(context: ContextRuntime, definition: PollerDefinition, rows: TaskRows, around: Around) {
    this.#context = context
    this.#definition = definition
    this.#rows = rows
    this.#around = around
    this.#key = pollerKey(definition.name)
  }

  /** Asks until the source has no more, if it is time to ask. Whether anything was stored. */
  async work(hold: Hold): Promise<boolean> {
    const row = await this.#rows.poller(this.#definition.name)
    const begun = this.#around.world.now()
    if (row === undefined || nextPoll(this.#definition, row, begun) !== undefined) return false
    try {
      let more: PollerRow | undefined = row
      while (more !== undefined) more = await this.#poll(more, begun, hold)
      await this.#forget(begun)
      return true
    } catch (error) {
      return await this.#met(error)
    }
  }

  /** One answer of the source; the row after it if there is more. */
  async #poll(row: PollerRow, begun: Date, hold: Hold): Promise<PollerRow | undefined> {
    const { items, cursor, more } = await this.#answer(row.cursor, hold)
    const all = itemsOf(this.#definition, items)
    const fresh = await this.#fresh(all)
    const { everyMs, name } = this.#definition
    if (row.tries > 0) this.#around.log('info', 'poller answers again', this.#told({}))
    const well = { tries: 0, error: null, since: null, begun: begun.toISOString() }
    for (let left = fresh, now = row; ; left = left.slice(together)) {
      hold.check()
      const some = left.slice(0, together)
      const last = left.length <= together
      const next = new Date(begun.getTime() + (more ? 0 : everyMs)).toISOString()
      const after = { ...now, ...well, handled: now.handled + some.length, ...(last && { cursor, next }) }
      const change = this.#rows.change(this.#key, after)
      await handleItems({
        context: this.#context,
        definition: this.#definition,
        what: 'poller',
        seed: [],
        items: some,
        circumstances: Object.freeze({ at: begun }),
        correlation: derivedId('poller', name, begun.toISOString()),
        unit: {
          inbox: change.unit.inbox,
          rows: [...change.unit.rows, ...some.map((it) => polledRow(name, it, begun))],
        },
      })
      if (last) return more ? change.after : undefined
      now = change.after
    }
  }

  async #answer(
    before: Json | undefined,
    hold: Hold,
  ): Promise<{ items: readonly unknown[]; cursor: Json; more: boolean }> {
    const { name } = this.#definition
    const refuse = (reason: string): Error => fault('DURE_JOB_PAGE', { job: name, reason })
    const answer = ((await this.#asked(before, hold)) ?? {}) as Partial<Polled<unknown, Json>>
    const { items, more = false } = answer
    if (!Array.isArray(items)) throw refuse('its items are no list')
    if (answer.cursor === undefined) throw refuse('it has no cursor')
    const cursor = plainJson(answer.cursor)
    if (more && before !== undefined && sameJson(cursor, before)) {
      throw refuse(`there is to be more after the same cursor, ${JSON.stringify(cursor)}`)
    }
    return { items: items as unknown[], cursor, more }
  }

  async #asked(cursor: Json | undefined, hold: Hold): Promise<Polled<unknown, Json>> {
    const { name, patienceMs, from } = this.#definition
    const { world, readingOf } = this.#around
    const over = new AbortController()
    const late = Promise.withResolvers<never>()
    const cancel = world.after(patienceMs, () => {
      const error = fault('DURE_JOB_LIMIT', { job: name, limitMs: patienceMs })
      over.abort(error)
      late.reject(error)
    })
    try {
      const signal = AbortSignal.any([hold.signal, over.signal])
      const reading = readingWith(readingOf(this.#context, `poller:${name}`, signal), { signal })
      return await hold.within(Promise.race([from(cursor, reading), late.promise]))
    } finally {
      cancel()
    }
  }

  /** Those that were not handled before. */
  async #fresh(items: readonly Item[]): Promise<readonly Item[]> {
    const { name } = this.#definition
    const fresh: Item[] = []
    for (let left = items; left.length > 0; left = left.slice(many)) {
      const some = left.slice(0, many)
      const keys = some.map((it) => polledKey(name, it))
      const known = await this.#rows.store.readRows(polledRows, keys)
      fresh.push(...some.filter((_, i) => !known.has(keys[i] as string)))
    }
    return fresh
  }

  /** What an error means: the source is asked again later, from the same cursor. */
  async #met(error: unknown): Promise<boolean> {
    if (error instanceof Broken || error instanceof Overtaken) return false
    const { name, everyMs } = this.#definition
    const row = await this.#rows.poller(name)
    if (row === undefined) return false
    const { world, log } = this.#around
    const now = world.now()
    const tries = row.tries + 1
    const failure = failureOf(name, error)
    const pause = Math.max(Math.min(everyMs, 60_000), pauseMs(tries, world.random()))
    const next = new Date(now.getTime() + pause).toISOString()
    const since = row.since ?? now.toISOString()
    const begun = now.toISOString()
    if (
      (await this.#rows.write(this.#key, { ...row, tries, next, since, begun, error: failure })) === undefined
    )
      return false
    log('warn', 'poller failed, asking again', this.#told({ tries, next, ...failure }))
    return true
  }

  /** Forgets keys that are older than the source repeats, once a day. */
  async #forget(now: Date): Promise<void> {
    const { name, rememberMs } = this.#definition
    const row = await this.#rows.poller(name)
    if (row === undefined || Math.abs(now.getTime() - new Date(row.pruned).getTime()) < dayMs) return
    if ((await this.#rows.write(this.#key, { ...row, pruned: now.toISOString() })) === undefined) return
    const before = new Date(now.getTime() - rememberMs).toISOString()
    for (;;) {
      const query = { where: { poller: name }, orderBy: 'at', limit: many }
      const oldest = await this.#rows.store.queryRows(polledRows, query)
      const old = oldest.filter((it) => (it['at'] as string) < before)
      const keyed = old as unknown as readonly { readonly tenant: string; readonly item: string }[]
      await this.#rows.remove(
        polledRows,
        keyed.map(({ tenant, item }) => polledKey(name, { tenant, key: item })),
      )
      if (old.length < many) return
    }
  }

  #told(more: object): Readonly<Record<string, unknown>> {
    return { context: this.#context.name, poller: this.#definition.name, ...more }
  }
}
