import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import { Emission, Rejection, type Voice } from './aggregate-definition.ts'
import { checkEventData, type EventDefinition } from './event.ts'
import { asValue } from './fields/codec.ts'
import type { Shape } from './fields/shape.ts'

/** Makes the `emit` and `reject` of one aggregate. */
export function voiceOf(
  aggregate: string,
  events: ReadonlyMap<string, EventDefinition>,
  rejections: ReadonlyMap<string, Shape>,
): Voice {
  const emit = Object.fromEntries(
    [...events].map(([name, it]) => [name, (data: unknown) => new Emission(name, checkEventData(it, data))]),
  )
  return { emit, reject: (name, data = {}) => rejection(aggregate, rejections, name, data) }
}

function rejection(
  aggregate: string,
  rejections: ReadonlyMap<string, Shape>,
  name: string,
  data: unknown,
): Rejection {
  const shape = rejections.get(name)
  if (shape === undefined) {
    throw fault('DURE_DECISION_INVALID', { command: aggregate, found: `the undeclared rejection ${name}` })
  }
  const issues: Issue[] = []
  const values = shape.parse(data, issues, asValue)
  if (issues.length > 0) throw fault('DURE_VALUE_INVALID', { type: `rejection ${name}`, issues })
  return new Rejection(name, Object.freeze(values))
}
