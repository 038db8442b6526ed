import { sliceOf } from '../../../kernel/slice.ts'
import type { Append, Commit } from '../../../ports/event-store.ts'
import { streamKey } from '../../../ports/storable.ts'
import { plainArray, textArray, textElement } from './array-text.ts'
import type { replyValues } from './encode.ts'
import type { GroupForm } from './group-statements.ts'

/** A unit of one append and at most a reply, with what it stores as text. */
export interface GroupItem {
  readonly unit: Commit
  readonly append: Append
  // As text: what cannot be stored is refused before it meets others.
  readonly data: string[]
  readonly reply: ReturnType<typeof replyValues> | undefined
}

/** What no two of a group may have in common. */
export function groupKeys({ reply }: Commit, { stream }: Append): readonly string[] {
  const key = streamKey(stream)
  // No name holds U+0000, so a stream's key of three parts is never that of a reply, of two.
  return reply === undefined ? [key] : [key, `${reply.tenant}\0${reply.key}`]
}

/** The values of `groupStatement`. */
export function groupValues(
  items: readonly GroupItem[],
  { several, keyed }: Pick<GroupForm, 'several' | 'keyed'>,
): string[] {
  const values = ownColumns(items)
  if (keyed) values.push(...replyColumns(items))
  values.push(...eventColumns(items))
  if (several) values.push(...placeColumns(items))
  return values
}

/** One pass over all columns: a list of its own for each would be thirteen. */
function ownColumns(items: readonly GroupItem[]): string[] {
  let [tenants, aggregates, ids, expected, versions, slices, ends] = ['', '', '', '', '', '', '']
  let [commands, actors, correlations, causations, traceparents, times] = ['', '', '', '', '', '']
  let lastMs = Number.NaN
  let time = ''
  for (const { append, unit } of items) {
    const { stream } = append
    const { meta } = unit
    tenants += textElement(stream.tenant)
    aggregates += textElement(stream.aggregate)
    ids += textElement(stream.id)
    expected += `,${append.expected}`
    versions += `,${append.expected + append.events.length}`
    slices += `,${sliceOf(stream.id)}`
    ends += append.ends ? ',t' : ',f'
    commands += textElement(meta.command)
    actors += textElement(meta.actor)
    correlations += textElement(meta.correlation)
    causations += textElement(meta.causation)
    traceparents += textElement(meta.traceparent)
    const ms = unit.at.getTime()
    // Most of a group are of the same millisecond.
    if (ms !== lastMs) time = `,"${unit.at.toISOString()}"`
    lastMs = ms
    times += time
  }
  const columns = [tenants, aggregates, ids, expected, versions, slices, ends]
  columns.push(commands, actors, correlations, causations, traceparents, times)
  return columns.map((it) => `{${it.slice(1)}}`)
}

function eventColumns(items: readonly GroupItem[]): string[] {
  const events = items.flatMap((it) => it.append.events)
  const data = items.flatMap((it) => it.data)
  return [
    textArray(events.map((it) => it.type)),
    plainArray(events.map((it) => it.schema)),
    `[${data.join()}]`,
  ]
}

/** Of each event the number of its append, and its version. */
function placeColumns(items: readonly GroupItem[]): string[] {
  const [indexes, versions]: [number[], number[]] = [[], []]
  for (const [i, { append }] of items.entries()) {
    for (const at of append.events.keys()) {
      indexes.push(i + 1)
      versions.push(append.expected + at + 1)
    }
  }
  return [plainArray(indexes), plainArray(versions)]
}

function replyColumns(items: readonly GroupItem[]): string[] {
  const names = [0, 1, 2].map((part) => textArray(items.map((it) => it.reply?.[part])))
  return [...names, `[${items.map((it) => it.reply?.[3] ?? 'null').join()}]`]
}
