import { fault } from '../../kernel/errors/fault.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { StoredEvent } from '../../ports/event-store.ts'
import type { OutMessage } from '../../ports/transport.ts'
import type { PlacedEvent, PublishedPart } from '../arrival.ts'

/** Type of the message that stands for an event which its context could not read. */
const UNREADABLE = 'dure.unreadable'
/** Type of the message that stands for an event of which nothing is published. Never on the bus: only to answer who asks. */
const UNPUBLISHED = 'dure.unpublished'

/** What says where messages come from, the same for all of one topic. */
export interface Origin {
  readonly system: string
  readonly context: string
  readonly epoch: string
  readonly partitions: number
  readonly maxBytes: number
}

/** What a relay found of one event: what is published, or why nothing can be. */
export type Publishing =
  | { readonly published: readonly PublishedPart[] }
  | { readonly unreadable: { readonly code: string; readonly reason: string } }

/** One message as it was read: a piece of what was published of one event. */
export interface Piece {
  readonly epoch: string
  /** The position that was published before this one in the topic, 0 for none. */
  readonly previous: number
  readonly event: PlacedEvent
  /** Of so many pieces this one, from 1. */
  readonly piece: number
  readonly pieces: number
  readonly published?: PublishedPart
  readonly unreadable?: { readonly code: string; readonly reason: string }
  /** The data was too large for the broker: it is to be found in the log. */
  readonly elsewhere: boolean
}

/** How far a relay has come: everything up to `mark` that is published stands in the topic, the last of it at `last`. */
export interface Progress {
  readonly epoch: string
  readonly mark: number
  readonly last: number
}

/**
 * The messages of one event: CloudEvents 1.0 in the JSON format (https://github.com/cloudevents/spec), one for each
 * published event. The extension attributes that begin with `dure` say where the event stands in its log and which was
 * published before it, so that whoever reads can see a gap.
 */
export function messagesOf(
  origin: Origin,
  event: StoredEvent,
  previous: number,
  publishing: Publishing,
): readonly OutMessage[] {
  if ('unreadable' in publishing) {
    const data = JSON.stringify(publishing.unreadable)
    return [messageOf(origin, event, previous, UNREADABLE, 1, 1, 0, data)]
  }
  const { published } = publishing
  return published.map(({ type, data, part }, i) =>
    messageOf(
      origin,
      event,
      previous,
      `${origin.context}.${type}`,
      i + 1,
      published.length,
      part,
      JSON.stringify(data),
    ),
  )
}

/** The message that answers who asks for an event of which nothing is published. */
export function unpublishedMessage(origin: Origin, event: StoredEvent): OutMessage {
  return messageOf(origin, event, event.position - 1, UNPUBLISHED, 1, 1, 0, '{}')
}

function messageOf(
  origin: Origin,
  event: StoredEvent,
  previous: number,
  type: string,
  piece: number,
  pieces: number,
  part: number,
  data: string,
): OutMessage {
  const partition = event.slice % origin.partitions
  const id = `${origin.epoch}/${event.position}/${piece}`
  const attributes = attributesText(origin, event, previous, id, type, piece, pieces, part)
  const body = `${attributes},"data":${data}}`
  // A character takes three bytes at most.
  if (body.length * 3 <= origin.maxBytes || Buffer.byteLength(body) <= origin.maxBytes) {
    return { partition, id, body }
  }
  const dataref = text(`/${origin.system}/${origin.context}/events/${event.position}`)
  return { partition, id, body: `${attributes},"dataref":${dataref}}` }
}

const text = (value: string): string => JSON.stringify(value)

/** Put together by hand, without the end: an object for each message costs twice as much. */
function attributesText(
  { system, context, epoch }: Origin,
  { position, stream, version, slice, meta, at }: StoredEvent,
  previous: number,
  id: string,
  type: string,
  piece: number,
  pieces: number,
  part: number,
): string {
  const subject = text(stream.id)
  let it = `{"specversion":"1.0","id":${text(id)},"source":${text(`/${encodeURIComponent(system)}/${context}`)}`
  it += `,"type":${text(type)},"subject":${subject},"time":"${at.toISOString()}"`
  it += `,"datacontenttype":"application/json","partitionkey":${subject},"dureepoch":${text(epoch)}`
  it += `,"dureposition":"${position}","dureprevious":"${previous}","durepiece":"${piece}/${pieces}"`
  it += `,"dureslice":${slice},"dureaggregate":${text(stream.aggregate)},"dureversion":${version}`
  if (stream.tenant !== '') it += `,"duretenant":${text(stream.tenant)}`
  it += `,"durecommand":${text(meta.command)},"dureactor":${text(meta.actor)}`
  it += `,"correlationid":${text(meta.correlation)}`
  if (meta.causation !== undefined) it += `,"causationid":${text(meta.causation)}`
  if (meta.traceparent !== undefined) it += `,"traceparent":${text(meta.traceparent)}`
  return part > 0 ? `${it},"durepart":${part}` : it
}

/** Reads a message. @throws DURE_MESSAGE_INVALID */
export function readPiece(topic: string, body: string): Piece {
  try {
    return pieceOf(new Attributes(JSON.parse(body) as Json))
  } catch (error) {
    const reason = error instanceof Wrong ? error.reason : 'it is not JSON'
    throw fault('DURE_MESSAGE_INVALID', { transport: topic, reason })
  }
}

function pieceOf(it: Attributes): Piece {
  if (it.text('specversion') !== '1.0') throw new Wrong('it is of another version of CloudEvents')
  const [piece, pieces] = it.text('durepiece').split('/').map(Number)
  const type = it.text('type')
  const elsewhere = it.optional('dataref') !== undefined
  const causation = it.optional('causationid')
  const traceparent = it.optional('traceparent')
  const event: PlacedEvent = {
    position: it.whole('dureposition'),
    stream: {
      tenant: it.optional('duretenant') ?? '',
      aggregate: it.text('dureaggregate'),
      id: it.text('subject'),
    },
    version: it.whole('dureversion'),
    slice: it.whole('dureslice'),
    at: it.time(),
    meta: {
      command: it.text('durecommand'),
      actor: it.text('dureactor'),
      correlation: it.text('correlationid'),
      ...(causation !== undefined && { causation }),
      ...(traceparent !== undefined && { traceparent }),
    },
  }
  const data = elsewhere ? {} : it.data()
  const { code = '', reason = '' } = data
  return {
    epoch: it.text('dureepoch'),
    previous: it.whole('dureprevious'),
    event,
    piece: piece ?? 1,
    pieces: pieces ?? 1,
    elsewhere,
    ...(type === UNREADABLE && { unreadable: { code: asText(code), reason: asText(reason) } }),
    ...(type !== UNREADABLE &&
      type !== UNPUBLISHED && {
        published: { type: type.slice(type.indexOf('.') + 1), data, part: it.part() },
      }),
  }
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Only inside this file: says what is wrong with a message. */
class Wrong extends Error {
  readonly reason: string
  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

class Attributes {
  readonly #json: JsonObject

  constructor(json: Json) {
    if (typeof json !== 'object' || json === null || Array.isArray(json))
      throw new Wrong('it is not an object')
    this.#json = json as JsonObject
  }

  text(name: string): string {
    const value = this.#json[name]
    if (typeof value === 'string') return value
    throw new Wrong(`its attribute ${name} is ${value === undefined ? 'missing' : 'not a text'}`)
  }

  optional(name: string): string | undefined {
    return this.#json[name] === undefined ? undefined : this.text(name)
  }

  /** Positions are texts: CloudEvents knows integers of 32 bits only. */
  whole(name: string): number {
    const value = Number(this.#json[name])
    if (Number.isSafeInteger(value) && value >= 0) return value
    throw new Wrong(`its attribute ${name} is not a whole number`)
  }

  time(): Date {
    const at = new Date(this.text('time'))
    if (!Number.isNaN(at.getTime())) return at
    throw new Wrong('its attribute time is not a time')
  }

  part(): number {
    return this.#json['durepart'] === undefined ? 0 : this.whole('durepart')
  }

  data(): JsonObject {
    const data = this.#json['data']
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as JsonObject
    throw new Wrong('its data is not an object')
  }
}

export function progressText({ epoch, mark, last }: Progress): string {
  return JSON.stringify({ epoch, mark, last })
}

/** What a relay has signalled, or undefined for what is not of a relay. */
export function readProgress(body: string): Progress | undefined {
  try {
    const { epoch, mark, last } = JSON.parse(body) as Record<string, unknown>
    const whole = Number.isSafeInteger(mark) && Number.isSafeInteger(last)
    return typeof epoch === 'string' && whole
      ? { epoch, mark: mark as number, last: last as number }
      : undefined
  } catch {
    return undefined
  }
}
