import type {
  AggregateDescription,
  ContextDescription,
  EventPointer,
  FieldDescription,
  FieldsDescription,
  ModelDescription,
  PolicyDescription,
} from '../model/describe/model-format.ts'
import type { Paint } from './paint.ts'

interface Node {
  readonly text: string
  readonly under?: readonly Node[]
}

/** The model for a person at a terminal. */
export function modelTree(model: ModelDescription, paint: Paint): string {
  const roots = [
    ...model.contexts.map((it) => contextNode(it, paint)),
    ...model.elsewhere.map((it) => ({
      text: `context ${paint('bold', it.name)} ${paint('gray', 'in another repository')}`,
    })),
    group('context map', mapNodes(model), paint),
    group(
      'routes',
      model.routes.map((it) => ({
        text: `${it.method.padEnd(6)} ${it.path} ${paint('gray', `→ ${it.context}.${it.command ?? it.query ?? ''}`)}`,
      })),
      paint,
    ),
  ].filter((it: Node) => it.under === undefined || it.under.length > 0)
  return `${paint('bold', model.system)}\n${draw(roots, '')}`
}

function mapNodes({ relations, sharedKernels }: ModelDescription): readonly Node[] {
  return [
    ...relations.map((it) => ({ text: `${it.upstream} → ${it.downstream} (${it.as})` })),
    ...sharedKernels.map((it) => ({ text: `${it.package} shared between ${it.between.join(', ')}` })),
  ]
}

function contextNode(it: ContextDescription, paint: Paint): Node {
  const { contract } = it
  const groups = [
    group(
      'commands',
      contract.commands.map(({ name, fields, keptBy }) => ({
        text: `${name}${fieldsText(fields)} ${paint('gray', `→ ${keptBy.aggregate}.${keptBy.command}`)}`,
      })),
      paint,
    ),
    group(
      'queries',
      contract.queries.map(({ name, in: fields }) => ({ text: name + fieldsText(fields) })),
      paint,
    ),
    group(
      'publishes',
      contract.events.map(({ name, from }) => ({ text: `${name} ${paint('gray', `from ${from}`)}` })),
      paint,
    ),
    ...it.aggregates.map((aggregate) => aggregateNode(aggregate, paint)),
    group(
      'values and entities',
      it.classes.map((its) => ({ text: its.name + fieldsText(its.fields) })),
      paint,
    ),
    group(
      'domain services',
      it.services.map((text) => ({ text })),
      paint,
    ),
    group(
      'translators',
      it.translators.map(({ from, to }) => ({ text: `${pointer(from)} → ${to.name}` })),
      paint,
    ),
    group(
      'views',
      it.views.map(({ name, on }) => ({
        text: `${name} ${paint('gray', `on ${on.map(pointer).join(', ')}`)}`,
      })),
      paint,
    ),
    group(
      'policies',
      it.policies.map(({ name, on, issues }) => ({
        text: `${name} ${paint('gray', `${pointer(on)} → ${issuesText(issues)}`)}`,
      })),
      paint,
    ),
    group(
      'jobs',
      it.jobs.map(({ name, schedule, takes, issues }) => ({
        text: `${name}${fieldsText(takes)} ${paint('gray', `${schedule ?? 'when asked for'} → ${issuesText(issues)}`)}`,
      })),
      paint,
    ),
    group(
      'pollers',
      it.pollers.map(({ name, everyMs, issues }) => ({
        text: `${name} ${paint('gray', `every ${everyMs / 1000} s → ${issuesText(issues)}`)}`,
      })),
      paint,
    ),
    group(
      'settings and resources',
      it.attached.map(({ kind, name, variables }) => ({
        text: `${name === undefined ? kind : `${kind} ${name}`} ${paint('gray', variables.map((its) => its.name).join(', '))}`,
      })),
      paint,
    ),
  ]
  return {
    text: `context ${paint('bold', it.name)}`,
    under: groups.filter(({ under }) => under?.length !== 0),
  }
}

function aggregateNode(it: AggregateDescription, paint: Paint): Node {
  const marks = { starts: ' (starts)', changes: '', ends: ' (ends)' }
  const events = it.events.map(
    ({ name, version, does }) => `${name}${version > 1 ? ` v${version}` : ''}${marks[does]}`,
  )
  const rows = [
    ['state', fieldsText(it.state)],
    [
      'commands',
      it.commands.map(({ name, mode }) => (mode === 'creates' ? `${name} (creates)` : name)).join(', '),
    ],
    ['events', events.join(', ')],
    ['rejections', it.rejections.map(({ name }) => name).join(', ')],
    ['invariants', it.invariants.join(', ')],
  ] as const
  const under = rows
    .filter(([, text]) => text !== '')
    .map(([name, text]) => ({ text: `${paint('gray', name)} ${text.trim()}` }))
  return { text: `aggregate ${paint('bold', it.name)}`, under }
}

function group(text: string, under: readonly Node[], paint: Paint): Node {
  return { text: paint('gray', text), under }
}

function issuesText(issues: PolicyDescription['issues']): string {
  return issues.map((it) => `${it.aggregate}.${it.command}`).join(', ')
}

function pointer({ context, event }: EventPointer): string {
  return context === undefined ? event : `${context}.${event}`
}

function fieldsText(fields: FieldsDescription): string {
  const all = Object.entries(fields).map(([name, it]) =>
    it.kind === 'optional' ? `${name}?: ${typeText(it.of)}` : `${name}: ${typeText(it)}`,
  )
  return all.length === 0 ? '' : ` { ${all.join(', ')} }`
}

function typeText(it: FieldDescription): string {
  switch (it.kind) {
    case 'schema':
      return typeof it.jsonSchema?.['type'] === 'string' ? it.jsonSchema['type'] : it.vendor
    case 'value':
    case 'entity':
      return it.name
    case 'ref':
      return `ref ${it.to}`
    case 'list':
      return `${typeText(it.of)}[]`
    case 'optional':
      return `${typeText(it.of)}?`
    case 'object':
      return fieldsText(it.fields).trim() || '{}'
    case 'oneOf':
      return it.values.join(' | ')
    default:
      return it.kind
  }
}

function draw(nodes: readonly Node[], indent: string): string {
  return nodes
    .map(({ text, under = [] }, i) => {
      const last = i === nodes.length - 1
      return `${indent}${last ? '└─' : '├─'} ${text}\n${draw(under, `${indent}${last ? '  ' : '│ '} `)}`
    })
    .join('')
}
