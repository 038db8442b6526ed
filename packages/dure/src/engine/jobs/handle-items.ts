import type { ContextRuntime } from '../../app/context-runtime.ts'
import { derivedId } from '../../app/digest.ts'
import { isDureError } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { ItemsDefinition } from '../../model/jobs/items.ts'
import type { EventMeta, StreamId } from '../../ports/event-store.ts'
import { Effects, type Issuer, type Taken } from '../effects.ts'
import { ItemFailure, Overtaken } from './failure.ts'
import type { RowChange } from './task-rows.ts'

/** Conflicts with commands from outside are decided again; more than this means something is wrong. */
const attempts = 20

/** An item with what tells it apart. */
export interface Item {
  readonly key: string
  readonly tenant: string
  readonly item: unknown
}

/** Some items that are handled as one. */
export interface Handling {
  readonly context: ContextRuntime
  readonly definition: ItemsDefinition
  /** `job` or `poller`. */
  readonly what: string
  /** What the ids that are made for an item follow from, besides its key: of a job its run, so that each run makes new ones. */
  readonly seed: readonly string[]
  readonly items: readonly Item[]
  /** The run of a job, the poll of a poller. */
  readonly circumstances: object
  readonly correlation: string
  /** What says in the commit how far they have come. */
  readonly unit: RowChange
}

/**
 * Decides what is issued for the items, and stores it in one transaction, with the row that says so.
 * @throws ItemFailure, Overtaken, DURE_COMMAND_CONTENDED
 */
export async function handleItems(it: Handling): Promise<void> {
  const { context, unit } = it
  const taken: Taken[] = []
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const effects = await decide(it, taken, attempt > 3)
    const at = context.world.now()
    const outcome = await context.store.commit({ at, meta: metaOf(it), appends: effects.appends(), ...unit })
    if (outcome.ok) return effects.remember()
    if (outcome.reason === 'inbox') throw new Overtaken()
    if (outcome.reason === 'unique') taken.push(outcome)
    else if ('stream' in outcome) await readAgain(context, outcome.stream)
  }
  const [first] = it.items
  throw fault('DURE_COMMAND_CONTENDED', { aggregate: it.what, id: first?.key ?? '', attempts })
}

async function decide(it: Handling, taken: readonly Taken[], read: boolean): Promise<Effects> {
  const effects = new Effects(it.context, issuerOf(it), read, taken)
  for (const item of it.items) {
    try {
      await decideOne(it, effects, item)
    } catch (error) {
      if (effects.remembered) return decide(it, taken, true)
      if (isDureError(error) && error.kind === 'unavailable') throw error
      throw new ItemFailure(item.key, error)
    }
  }
  return effects.doubtful ? decide(it, taken, true) : effects
}

async function decideOne(it: Handling, effects: Effects, { key, tenant, item }: Item): Promise<void> {
  const { definition, what, circumstances } = it
  const { run, onRejected } = definition
  const occasion = {
    tenant,
    issue: () => run(item, circumstances),
    answer: onRejected && ((no: object) => onRejected(no, item, circumstances)),
  }
  const seed = [what, definition.name, ...it.seed, tenant, key]
  await effects.decide(occasion, seed, { ...metaOf(it), command: derivedId(...seed) })
}

function issuerOf({ what, definition: { name } }: Handling): Issuer {
  return {
    where: `${what} "${name}"`,
    unanswered: (command, rejected) => fault('DURE_JOB_REJECTED', { job: name, command, rejected }),
    absorbs: true,
  }
}

function metaOf({ what, definition, seed, correlation }: Handling): EventMeta {
  const actor = `${what}:${definition.name}`
  return { command: correlation, actor, correlation, causation: [actor, ...seed].join('/') }
}

async function readAgain({ keepers, baselines }: ContextRuntime, stream: StreamId): Promise<void> {
  const keeper = keepers.get(stream.aggregate)
  if (keeper !== undefined) await baselines.read(keeper, stream)
}

/**
 * Items with their keys, each once.
 * @throws DURE_JOB_PAGE
 */
export function itemsOf({ name, key, tenant }: ItemsDefinition, items: unknown): readonly Item[] {
  const refuse = (reason: string): Error => fault('DURE_JOB_PAGE', { job: name, reason })
  if (!Array.isArray(items)) throw refuse('its items are no list')
  const found = new Map<string, Item>()
  for (const [i, item] of (items as unknown[]).entries()) {
    const its = keyOf(() => key(item))
    if (its === undefined) throw refuse(`the key of item ${i} is not a text of 1 to 200 characters`)
    const whose = tenant === undefined ? '' : keyOf(() => tenant(item) || ' ')?.trim()
    if (whose === undefined) throw refuse(`the tenant of item ${i} is no text`)
    const id = `${whose}\0${its}`
    if (!found.has(id)) found.set(id, { key: its, tenant: whose, item })
  }
  return [...found.values()]
}

function keyOf(ask: () => unknown): string | undefined {
  const key = ask()
  return typeof key === 'string' && /^[^\p{Cc}]{1,200}$/u.test(key) ? key : undefined
}
