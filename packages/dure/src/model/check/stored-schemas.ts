import type { StandardSchemaV1 } from '@standard-schema/spec'
import { finding, type Rule } from './finding.ts'
import { placesOf } from './places.ts'
import { storingProblem } from './storing-problem.ts'
import { walkFields } from './walk-fields.ts'

/** What is stored is read back as it was written: its schemas neither transform, nor wait, nor yield what JSON cannot hold. */
export const storedSchemas: Rule = function* (system) {
  for (const context of system.contexts) {
    const opened = new Set<object>()
    for (const { where, fields, stored } of placesOf(context)) {
      if (!stored) continue
      for (const met of walkFields(fields, opened)) {
        if (met.description !== undefined) continue
        const problem = storingProblem(met.field as StandardSchemaV1)
        if (problem === undefined) continue
        const field = met.owner === undefined ? met.path : `${met.owner}.${met.path}`
        if (problem.code === 'DURE_SCHEMA_NOT_STORABLE') {
          yield finding(problem.code, where, { field, found: problem.found })
        } else yield finding(problem.code, where, { field })
      }
    }
  }
}
