import type { AggregateDefinition, CommandDefinition } from '../domain/aggregate-definition.ts'
import { create, handleOf, insideOf, type HandleInside } from '../domain/handle.ts'
import { restore, type RecordedEvent } from '../domain/restore.ts'
import { sameJson, type Json } from '../kernel/json.ts'
import type { World } from '../kernel/world.ts'
import { ExpectationFailed } from './expectation.ts'
import { survive } from './survival.ts'

/** An answer to a command, its types left behind. */
export type AnyAnswer =
  | { readonly ok: true; readonly events: readonly Told[]; readonly next: object }
  | { readonly ok: false; readonly rejected: string; readonly data: object }

interface Told {
  readonly type: string
  readonly data: object
}

/** One aggregate in a test: what is stored of it. */
export interface Life {
  readonly aggregate: AggregateDefinition
  readonly id: string
  readonly log: readonly RecordedEvent[]
  readonly world: World
}

/** What stands behind an answer: which command gave it, and the stored life after it. */
export interface Heard {
  readonly what: string
  readonly life: Life
  /** Number of events before it. */
  readonly before: number
}

const heard = new WeakMap<object, Heard>()

/** What stands behind an answer that a rehearsed command gave; undefined for anything else. */
export function heardOf(answer: unknown): Heard | undefined {
  return typeof answer === 'object' && answer !== null ? heard.get(answer) : undefined
}

type Within = HandleInside['world']

/** The real handle of a life, restored from what is stored. */
function handleFor({ aggregate, id, log }: Life, world: Within): object {
  const ended = aggregate.ends.has(log.at(-1)?.type ?? '')
  return handleOf(id, log.length, restore(aggregate, id, log), {
    aggregate,
    world,
    pending: [],
    ended,
  })
}

/** A handle whose commands are decided twice, as a proof that they are pure, and go through storage. */
export function rehearsed(life: Life): object {
  const { id, version, state } = insideOf(handleFor(life, life.world))
  const own: Record<string, unknown> = { id, version, state }
  for (const command of life.aggregate.commands.values()) {
    if (command.mode === 'creates') continue
    own[command.name] = (input: object = {}): object => {
      const run = (world: Within) =>
        (handleFor(life, world) as Record<string, (input: object) => AnyAnswer>)[command.name]?.(input)
      return twice(life, command, input, run as (world: Within) => AnyAnswer)
    }
  }
  return Object.freeze(own)
}

/** The factories of an aggregate that is not there yet, rehearsed likewise. */
export function rehearsedFactories(life: Life): object {
  const own: Record<string, unknown> = {}
  for (const command of life.aggregate.commands.values()) {
    if (command.mode === 'changes') continue
    own[command.name] = (input: object = {}): object => {
      const run = (world: Within) => create(life.aggregate, command, input, world) as AnyAnswer
      return twice(life, command, input, run)
    }
  }
  return Object.freeze(own)
}

function twice(
  life: Life,
  command: CommandDefinition,
  input: object,
  run: (world: Within) => AnyAnswer,
): object {
  const what = `${life.aggregate.name}.${command.name}`
  const given = asText(input)
  const { first, second } = repeatable(life.world)
  const answer = run(first)
  const once = tell(life.aggregate, answer)
  const again = tell(life.aggregate, run(second))
  if (!sameJson(once, again)) {
    throw new ExpectationFailed(`${what} is not pure: decided twice, it answered differently`, once, again)
  }
  const now = asText(input)
  if (given !== now) throw new ExpectationFailed(`${what} is not pure: it changed its input`, given, now)
  const after = answer.ok ? storedAfter(life, what, answer) : life
  const out = answer.ok ? { ...answer, next: rehearsed(after) } : { ...answer }
  heard.set(out, { what, life: after, before: life.log.length })
  return Object.freeze(out)
}

/** The life after an answer: its events stored as JSON, and the state folded anew from all of them. */
function storedAfter(life: Life, what: string, answer: AnyAnswer & { ok: true }): Life {
  const { aggregate } = life
  const { id, state } = insideOf(answer.next)
  const added = answer.events.map(({ type, data }, i) => {
    const event = aggregate.events.get(type) as NonNullable<ReturnType<typeof aggregate.events.get>>
    const stored = survive(`${type} of ${what}`, event.shape, data)
    return { type, schema: event.version, data: stored, position: life.log.length + i + 1 }
  })
  const after = { ...life, id, log: [...life.log, ...added] }
  const replayed = restore(aggregate, id, after.log)
  if (state !== undefined && replayed !== undefined) {
    const decided = survive(`The state of ${aggregate.name} after ${what}`, aggregate.state, state)
    const folded = aggregate.state.encode(replayed)
    if (!sameJson(decided, folded)) {
      throw new ExpectationFailed(`${what}: the state replayed from the log is another`, decided, folded)
    }
  }
  return after
}

/** The same world twice: the second time it repeats what it said the first time. */
function repeatable(world: World): { readonly first: Within; readonly second: Within } {
  const time = world.now().getTime()
  const ids: string[] = []
  let used = 0
  const now = (): Date => new Date(time)
  const newId = (): string => {
    const id = world.newId()
    ids.push(id)
    return id
  }
  return { first: { now, newId }, second: { now, newId: () => ids[used++] ?? world.newId() } }
}

/** An answer as JSON, equal for equal answers. */
export function tell(aggregate: AggregateDefinition, answer: AnyAnswer): Json {
  if (!answer.ok) {
    return {
      rejected: answer.rejected,
      data: aggregate.rejections.get(answer.rejected)?.encode(answer.data) ?? {},
    }
  }
  return answer.events.map(({ type, data }) => ({
    type,
    data: aggregate.events.get(type)?.shape.encode(data) ?? {},
  }))
}

/** A value as far as a text can tell it, to see whether somebody changed it. */
function asText(value: unknown): string {
  return JSON.stringify(value, (_, it: unknown) => (typeof it === 'bigint' ? `${it}n` : it))
}
