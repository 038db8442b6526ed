import type { Attached } from '../attached/attached.ts'
import type { Resource } from '../attached/resource.ts'
import type { ContextDefinition } from '../context.ts'
import type { AttachedDescription } from './model-format.ts'

/** The settings and resources of a context as data: which variables a process that runs it has to be given. */
export function describeAttached({ attached }: ContextDefinition): readonly AttachedDescription[] {
  return attached.map((it) => ({
    kind: it.kind === 'settings' ? 'settings' : (it as Resource<unknown>).spec.type,
    ...(it.kind === 'resource' && { name: it.name, optional: (it as Resource<unknown>).optional }),
    variables: variablesOf(it),
  }))
}

function variablesOf({ variables }: Attached<unknown>): AttachedDescription['variables'] {
  return Object.entries(variables).map(([name, it]) => ({
    name,
    about: it.about,
    required: it.default === undefined && it.optional !== true,
    secret: it.secret ?? false,
  }))
}
