import { differences, type Difference } from '../evolution/compare-shapes.ts'
import type { EventShape } from '../evolution/event-shape.ts'
import type { ContractShapes, NamedShapes } from './contract-shapes.ts'

/** One thing of a contract that whoever uses it cannot count on any more. */
export interface BrokenPromise {
  /** `event ProductListed`. */
  readonly what: string
  /** `gives no field price any more`. */
  readonly problem: string
}

/**
 * What a contract in use promises that another version of it does not keep. Callers send what the one in use takes, so the
 * other has to take it; what the other gives has to be read as the one in use. More than that is no harm: a new name, a
 * field of an event or answer, a field of a command or question that may be absent.
 */
export function* brokenPromises(used: ContractShapes, kept: ContractShapes): Generator<BrokenPromise> {
  for (const [name, shape, now] of paired('command', used.commands, kept.commands)) {
    yield* now === undefined ? gone(name) : taken(name, shape, now)
  }
  for (const [name, shape, now] of paired('event', used.events, kept.events)) {
    yield* now === undefined ? gone(name) : given(name, shape, now)
  }
  for (const [name, shape, now] of paired('rejection', used.rejections, kept.rejections)) {
    yield* now === undefined ? gone(name) : given(name, shape, now)
  }
  for (const [name, shapes] of Object.entries(used.queries)) {
    const now = Object.hasOwn(kept.queries, name) ? kept.queries[name] : undefined
    const what = `query ${name}`
    if (now === undefined) yield* gone(what)
    else {
      yield* taken(what, shapes.in, now.in)
      yield* given(what, shapes.out, now.out)
    }
  }
}

function paired(
  kind: string,
  used: NamedShapes,
  kept: NamedShapes,
): readonly (readonly [what: string, used: EventShape, kept: EventShape | undefined])[] {
  return Object.entries(used).map(
    ([name, shape]) =>
      [`${kind} ${name}`, shape, Object.hasOwn(kept, name) ? kept[name] : undefined] as const,
  )
}

function* gone(what: string): Generator<BrokenPromise> {
  yield { what, problem: 'is gone' }
}

function* taken(what: string, used: EventShape, kept: EventShape): Generator<BrokenPromise> {
  for (const it of differences(used, kept, true)) yield { what, problem: takenInWords(it) }
}

// A field that may be absent and is never given any more is missed all the same, and may come back as something else.
function* given(what: string, used: EventShape, kept: EventShape): Generator<BrokenPromise> {
  const lost = Object.keys(used.properties).filter((it) => !Object.hasOwn(kept.properties, it))
  for (const it of lost) yield { what, problem: `gives no field ${it} any more` }
  for (const it of differences(kept, used, false)) {
    if (!lost.includes(it.path)) yield { what, problem: givenInWords(it) }
  }
}

const listed = ({ values }: Difference): string => values.map((it) => JSON.stringify(it)).join(', ')

function takenInWords(it: Difference): string {
  const { path, how } = it
  if (how === 'missing') return `requires the field ${path}, which callers do not send`
  if (how === 'gone') return `takes no field ${path} any more`
  if (how === 'value') return `takes ${listed(it)} no longer in ${path}`
  return how === 'only' ? `takes only ${listed(it)} in ${path}` : `takes another kind of value in ${path}`
}

function givenInWords(it: Difference): string {
  const { path, how } = it
  if (how === 'missing') return `may give no field ${path} any more`
  if (how === 'value') return `gives ${listed(it)} in ${path}, which readers do not know`
  return how === 'only'
    ? `gives more in ${path} than ${listed(it)}, which is all that readers know`
    : `gives another kind of value in ${path}`
}
