import type { AggregateDefinition } from '../../domain/aggregate-definition.ts'
import { finding, type Finding } from '../check/finding.ts'
import type { System } from '../system.ts'
import { incompatibility } from './compare-shapes.ts'
import { eventShapeOf } from './event-shape.ts'
import { shapeInVersion } from './model-shapes.ts'
import type { RecordedAggregate, RecordedShape, RecordedShapes, RecordedVersions } from './recorded-shapes.ts'

/** Holds a model against what was recorded of earlier releases: all that they stored must still be read. */
export function* checkShapes(system: System, recorded: RecordedShapes): Generator<Finding> {
  for (const [name, aggregates] of Object.entries(recorded.contexts)) {
    const context = system.contexts.find((it) => it.name === name)
    if (context === undefined) {
      // Its log is another program's now, or nobody's: nothing here reads it.
      const fix = `Remove ${name} from the file if another program keeps it now.`
      const details = { what: `The context ${name}`, since: firstOf(Object.values(aggregates)), fix }
      yield finding('DURE_SHAPES_GONE', name, details, 'warning')
      continue
    }
    for (const [aggregate, events] of Object.entries(aggregates)) {
      const model = context.aggregates.find((it) => (it.name as string) === aggregate)?.definition
      if (model === undefined) {
        const fix = `Bring the aggregate ${aggregate} back into ${name}: its events are in the log.`
        const details = { what: `The aggregate ${aggregate}`, since: firstOf([events]), fix }
        yield finding('DURE_SHAPES_GONE', `${name}, aggregate ${aggregate}`, details)
      } else yield* aggregateAsRecorded(name, model, events)
    }
  }
}

function* aggregateAsRecorded(
  context: string,
  model: AggregateDefinition,
  events: RecordedAggregate,
): Generator<Finding> {
  for (const [type, versions] of Object.entries(events)) {
    const where = `${context}, event ${type}`
    if (model.recorded.has(type)) yield* versionsAsRecorded(where, model, type, versions)
    else {
      const fix = `Name the event that it is now .formerly('${type}'); or keep it under retired of ${model.name}, with .becomes(…).`
      const what = `The event ${model.name}.${type}`
      yield finding('DURE_SHAPES_GONE', where, { what, since: firstOf([{ type: versions }]), fix })
    }
  }
}

function* versionsAsRecorded(
  where: string,
  model: AggregateDefinition,
  type: string,
  versions: RecordedVersions,
): Generator<Finding> {
  const { definition } = model.recorded.get(type) as { definition: Parameters<typeof shapeInVersion>[0] }
  const event = `${model.name}.${type}`
  const current = definition.version
  const [highest, shapes] = Object.entries(versions).reduce((a, b) => (Number(a[0]) > Number(b[0]) ? a : b))
  if (Number(highest) > current) {
    const details = { event, version: Number(highest), since: sinceOf(shapes), current }
    yield finding('DURE_SHAPES_VERSION_LOWER', where, details)
  }
  for (const [key, all] of Object.entries(versions)) {
    const version = Number(key)
    if (version > current) continue
    const fields = shapeInVersion(definition, version)?.fields
    if (fields === undefined) {
      yield finding('DURE_SHAPES_NO_UPCAST', where, { event, version, since: sinceOf(all), current })
      continue
    }
    const now = eventShapeOf(fields)
    for (const { since, shape } of all) {
      const problem = incompatibility(shape, now)
      if (problem === undefined) continue
      yield finding('DURE_SHAPES_CHANGED', where, { event, version, since, problem })
      break
    }
  }
}

const sinceOf = (shapes: readonly RecordedShape[]): string => shapes[0]?.since ?? ''

function firstOf(aggregates: readonly RecordedAggregate[]): string {
  return sinceOf(
    aggregates.flatMap((it) => Object.values(it).flatMap((versions) => Object.values(versions).flat())),
  )
}
