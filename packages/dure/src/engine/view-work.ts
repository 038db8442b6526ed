import type { ContextRuntime } from '../app/context-runtime.ts'
import type { Turns } from '../app/turns.ts'
import { asStored } from '../domain/fields/codec.ts'
import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { ViewDefinition, ViewSubscription } from '../model/view.ts'
import type { InboxMove, RowWrite } from '../ports/event-store.ts'
import type { Arrival } from './arrival.ts'
import { Overtaken, Poison, storedOrOvertaken, type Mark, type Work } from './consuming/work.ts'
import { inOrder, type Channel, type Incoming } from './incoming.ts'
import type { SharedRows } from './shared-rows.ts'

/** A subscription of the view with the channel it hears. */
export interface Heard {
  readonly subscription: ViewSubscription
  readonly channel: Channel
}

interface Change extends Incoming {
  readonly event: Arrival
  readonly key: string
  readonly fold: ViewSubscription['fold']
}

/**
 * Keeps a view: folds a page of events per row in memory and stores the changed rows together with the watermark, so a row
 * never holds an event twice and never misses one.
 */
export function viewWork(
  context: ContextRuntime,
  view: ViewDefinition,
  stored: string,
  heard: readonly Heard[],
  turns: Turns,
  shared: SharedRows | undefined,
): Work {
  return {
    // A view that hears several contexts has a consumer for each, and they may change the same row: they take turns.
    handle: (page, mark) =>
      turns.take(stored, async () => {
        const turn = await shared?.take()
        const changes = page.flatMap((event) => changesOf(heard, event))
        const keys = [...new Set(changes.map((it) => it.key))]
        const before = keys.length === 0 ? new Map() : await context.store.readRows(stored, keys)
        await store(context, stored, page, mark, fold(view, changes, before), turn)
      }),
  }
}

function changesOf(heard: readonly Heard[], event: Arrival): readonly Change[] {
  try {
    const changes = heard.flatMap(({ subscription, channel }) =>
      channel.read(event).flatMap((incoming) => {
        const key = subscription.key(incoming.data, incoming.message)
        return key === undefined ? [] : [{ ...incoming, event, key, fold: subscription.fold }]
      }),
    )
    return inOrder(changes)
  } catch (error) {
    throw new Poison(event, error)
  }
}

// `null` is a removed row, so that one removed and made again within a page starts from nothing.
function fold(
  view: ViewDefinition,
  changes: readonly Change[],
  before: ReadonlyMap<string, JsonObject>,
): ReadonlyMap<string, JsonObject | null> {
  const rows = new Map<string, JsonObject | null>()
  for (const change of changes) {
    const known = rows.has(change.key) ? rows.get(change.key) : before.get(change.key)
    try {
      const row = known ? Object.freeze(view.shape.decode(known)) : undefined
      const after = change.fold(row, change.data, change.message)
      if (after === undefined && row === undefined) continue
      rows.set(change.key, after === undefined ? (known ?? null) : after && encode(view, change.key, after))
    } catch (error) {
      throw new Poison(change.event, error)
    }
  }
  return rows
}

function encode(view: ViewDefinition, key: string, row: object): JsonObject {
  const issues: Issue[] = []
  const values = view.shape.parse(row, issues, asStored)
  if (issues.length === 0 && values[view.keyField] !== key) {
    issues.push({ path: `/${view.keyField}`, message: `is not the key ${key} that the row is folded under` })
  }
  if (issues.length > 0) throw fault('DURE_VALUE_INVALID', { type: `row of view ${view.name}`, issues })
  return view.shape.encode(values)
}

async function store(
  context: ContextRuntime,
  view: string,
  page: readonly Arrival[],
  mark: Mark,
  changed: ReadonlyMap<string, JsonObject | null>,
  turn: InboxMove | undefined,
): Promise<void> {
  const rows: RowWrite[] = [...changed].map(([key, row]) => ({ view, key, row }))
  const { meta } = page.at(-1) as Arrival
  const outcome = await context.store.commit({
    at: context.world.now(),
    meta,
    appends: [],
    rows,
    ...mark(page),
    ...(turn && { turn }),
  })
  if (!storedOrOvertaken(outcome)) throw new Overtaken()
}
