import type { AggregateDefinition } from '../../domain/aggregate-definition.ts'
import type { AnyEvent } from '../../domain/event.ts'
import { definitionOf, type EventDefinition } from '../../domain/event.ts'
import type { Fields } from '../../domain/fields/field.ts'
import { isField } from '../check/places.ts'
import { decisionsOf } from '../access/decisions.ts'
import type { ContextDefinition } from '../context.ts'
import type { QueryShape } from '../contract.ts'
import type { ItemsDefinition } from '../jobs/items.ts'
import { describeAccess } from './describe-access.ts'
import { describeField, describeFields } from './describe-fields.ts'
import type {
  AccessDescription,
  AggregateDescription,
  ContractDescription,
  EventDescription,
  EventPointer,
  JobDescription,
  MessageDescription,
  PolicyDescription,
  PollerDescription,
  QueryDescription,
  ViewDescription,
} from './model-format.ts'

type Shaped = Readonly<Record<string, { readonly fields: Fields }>>

const message = (name: string, fields: Fields): MessageDescription => ({
  name,
  fields: describeFields(fields),
})
const pointer = (event: AnyEvent, from: string | undefined): EventPointer => ({
  event: event.name,
  ...(from !== undefined && { context: from }),
})

/** What a context promises, and what keeps it. */
export function describeContract(context: ContextDefinition): ContractDescription {
  const { contract, commands, events } = context
  const decided = decisionsOf(context)
  const allow = (kind: string, name: string): { allow?: AccessDescription } => {
    const rule = decided.find((it) => it.kind === kind && it.name === name)?.allow
    return rule === undefined ? {} : { allow: describeAccess(rule) }
  }
  return {
    commands: Object.entries(contract.commands as Shaped).map(([name, { fields }]) => {
      const keeps = commands.get(name)
      const prepared = keeps?.kind === 'handler'
      const command = keeps?.kind === 'handler' ? keeps.command : keeps
      const keptBy = { aggregate: command?.aggregate ?? '', command: command?.name ?? '', prepared }
      return { ...message(name, fields), keptBy, ...allow('command', name) }
    }),
    events: Object.entries(contract.events as Shaped).map(([name, { fields }]) => ({
      ...message(name, fields),
      from: events.get(name)?.from.name ?? '',
    })),
    rejections: Object.entries(contract.rejections as Readonly<Record<string, Fields>>).map(
      ([name, fields]) => message(name, fields),
    ),
    queries: Object.entries(contract.queries as Readonly<Record<string, QueryShape>>).map((it) => ({
      ...describeQuery(it),
      ...allow('query', it[0]),
    })),
  }
}

function describeQuery([name, it]: [string, QueryShape]): QueryDescription {
  const out = isField(it.out) ? { field: describeField(it.out) } : { fields: describeFields(it.out) }
  return { name, in: describeFields(it.in), out }
}

/** An aggregate as data. */
export function describeAggregate(it: AggregateDefinition): AggregateDescription {
  return {
    name: it.name,
    state: describeFields(it.state.fields),
    events: [...it.events.values()].map((event) => describeEvent(it, event)),
    rejections: [...it.rejections].map(([name, { fields }]) => message(name, fields)),
    invariants: it.invariants.map(({ rejection }) => rejection),
    commands: [...it.commands.values()].map(({ name, mode, fields }) => ({ ...message(name, fields), mode })),
  }
}

function describeEvent({ starts, ends }: AggregateDefinition, event: EventDefinition): EventDescription {
  const { name, version, fields } = event
  const older = event.older.map((it) => ({ version: it.version, fields: describeFields(it.shape.fields) }))
  return {
    ...message(name, fields),
    version,
    does: starts.has(name) ? 'starts' : ends.has(name) ? 'ends' : 'changes',
    older,
  }
}

/** The views of a context as data. */
export function describeViews({ views }: ContextDefinition): readonly ViewDescription[] {
  return views.map(({ definition: it }) => ({
    name: it.name,
    key: it.keyField,
    row: describeFields(it.shape.fields),
    on: it.subscriptions.map(({ event, from }) => pointer(event, from)),
  }))
}

/** The policies of a context as data. */
export function describePolicies({ policies }: ContextDefinition): readonly PolicyDescription[] {
  return policies.map(({ definition: it }) => ({
    name: it.name,
    on: pointer(it.event, it.from),
    issues: Object.values(it.commands).map(({ aggregate, name }) => ({ aggregate, command: name })),
    handlesRejection: it.onRejected !== undefined,
  }))
}

/** The jobs of a context as data. */
export function describeJobs({ jobs }: ContextDefinition): readonly JobDescription[] {
  return jobs.map(({ definition: it }) => ({
    name: it.name,
    schedule: it.schedule?.text ?? null,
    takes: describeFields(it.takes.fields),
    catchUp: it.catchUp,
    limitMs: it.limitMs,
    tries: it.tries,
    ...describeIssuing(it),
  }))
}

/** The pollers of a context as data. */
export function describePollers({ pollers }: ContextDefinition): readonly PollerDescription[] {
  return pollers.map(({ definition: it }) => ({ name: it.name, everyMs: it.everyMs, ...describeIssuing(it) }))
}

function describeIssuing({
  commands,
  onRejected,
}: ItemsDefinition): Pick<PollerDescription, 'issues' | 'handlesRejection'> {
  const issues = Object.values(commands).map(({ aggregate, name }) => ({ aggregate, command: name }))
  return { issues, handlesRejection: onRejected !== undefined }
}

/** The translators of a context as data. */
export function describeTranslators({ translators }: ContextDefinition) {
  return translators.map(({ from, to }) => ({
    from: { event: from.name, context: from.context },
    to: message(to.name, definitionOf(to).fields),
  }))
}
