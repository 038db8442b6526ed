import { fault } from '../../kernel/errors/fault.ts'
import { Emission } from '../aggregate-definition.ts'
import { checkEventData, type EventDefinition, type RetiredDefinition } from '../event.ts'

/** How the events that are stored under one name are read. */
export interface RecordedType {
  /** Whose versions they have. */
  readonly definition: EventDefinition
  /** What they become, where the event is retired. */
  readonly split?: Split
}

/** The way from a retired event to those of today. */
export interface Split {
  readonly into: readonly EventDefinition[]
  /** @throws DURE_MODEL_INVALID for a result that `emit` did not make, DURE_EVENT_INVALID for data that does not fit. */
  divide(old: object): readonly Emission[]
}

/** Every name that the log of an aggregate may hold: of its events, of those retired, and the names that either had. */
export function recordedTypesOf(
  aggregate: string,
  events: ReadonlyMap<string, EventDefinition>,
  retired: readonly RetiredDefinition[],
): ReadonlyMap<string, RecordedType> {
  const types = new Map<string, RecordedType>()
  for (const [name, definition] of events) types.set(name, { definition })
  const where = `aggregate ${aggregate}`
  for (const it of retired) {
    if (it.kind !== 'retired-event') {
      throw fault('DURE_MODEL_INVALID', {
        where,
        reason: 'something in retired is no retired event.',
        fix: 'List what event(…).becomes(…) returns.',
      })
    }
    if (types.has(it.name)) throw fault('DURE_MODEL_DUPLICATE', { what: 'an event', name: it.name, where })
    types.set(it.name, { definition: it.event, split: splitOf(aggregate, events, it) })
  }
  const current = new Map(types)
  for (const type of current.values()) {
    for (const name of type.definition.formerNames) {
      mustBeFree(aggregate, type.definition.name, name, current, types)
      types.set(name, type)
    }
  }
  return types
}

function mustBeFree(
  aggregate: string,
  event: string,
  former: string,
  current: ReadonlyMap<string, RecordedType>,
  types: ReadonlyMap<string, RecordedType>,
): void {
  const where = `aggregate ${aggregate}`
  if (current.has(former)) {
    throw fault('DURE_MODEL_INVALID', {
      where,
      reason: `${event} was formerly ${former}, and ${former} is the name of an event that it has now.`,
      fix: 'What is stored under a name is one event for ever: give the present event a name that was never used.',
    })
  }
  if (types.has(former)) throw fault('DURE_MODEL_DUPLICATE', { what: 'a former name', name: former, where })
}

function splitOf(
  aggregate: string,
  events: ReadonlyMap<string, EventDefinition>,
  { name, into, split }: RetiredDefinition,
): Split {
  const targets = into.map((target) => {
    const own = events.get(target.name)
    if (own !== undefined && own === (target as unknown)) return own
    throw fault('DURE_MODEL_INVALID', {
      where: `aggregate ${aggregate}`,
      reason: `the retired event ${name} becomes ${target.name}, which is not one of its events.`,
      fix: `Name the very values that aggregate('${aggregate}', { events: {…} }) is given.`,
    })
  })
  const emit = Object.fromEntries(
    targets.map((it) => [it.name, (data: unknown) => new Emission(it.name, checkEventData(it, data))]),
  )
  const divide = (old: object): readonly Emission[] => {
    const parts = split(old, emit)
    if (Array.isArray(parts) && parts.every((it) => it instanceof Emission && Object.hasOwn(emit, it.type)))
      return parts
    throw fault('DURE_MODEL_INVALID', {
      where: `event ${name}`,
      reason: '.becomes(…) returned something else than a list of what its emit made.',
      fix: 'Return what the functions of emit make, in a list ([] for nothing).',
    })
  }
  return { into: targets, divide }
}
