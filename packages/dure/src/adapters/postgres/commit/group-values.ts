import { sliceOf } from '../../../kernel/slice.ts'
import type { Append, Commit } from '../../../ports/event-store.ts'
import { streamKey } from '../../../ports/storable.ts'
import { plainArray, textArray } from './array-text.ts'
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
  const streams = items.map((it) => it.append.stream)
  const metas = items.map((it) => it.unit.meta)
  const values = [
    textArray(streams.map((it) => it.tenant)),
    textArray(streams.map((it) => it.aggregate)),
    textArray(streams.map((it) => it.id)),
    plainArray(items.map((it) => it.append.expected)),
    plainArray(items.map((it) => it.append.expected + it.append.events.length)),
    plainArray(streams.map((it) => sliceOf(it.id))),
    plainArray(items.map((it) => it.append.ends)),
    textArray(metas.map((it) => it.command)),
    textArray(metas.map((it) => it.actor)),
    textArray(metas.map((it) => it.correlation)),
    textArray(metas.map((it) => it.causation)),
    textArray(metas.map((it) => it.traceparent)),
    textArray(items.map((it) => it.unit.at.toISOString())),
  ]
  if (keyed) values.push(...replyColumns(items))
  values.push(...eventColumns(items))
  if (several) values.push(...placeColumns(items))
  return values
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
