import type { System } from '../system.ts'
import { allDecided } from '../access/all-decided.ts'
import { classNames } from './class-names.ts'
import { commandsBelong } from './commands-belong.ts'
import { contextMap } from './context-map.ts'
import { edgesAllow } from './edges.ts'
import { eventsHappen } from './events-happen.ts'
import type { Finding, Rule } from './finding.ts'
import { publishedNames } from './published-names.ts'
import { refs } from './refs.ts'
import { routes } from './routes.ts'
import { storedSchemas } from './stored-schemas.ts'

const rules: readonly Rule[] = [
  contextMap,
  edgesAllow,
  eventsHappen,
  commandsBelong,
  publishedNames,
  refs,
  classNames,
  routes,
  allDecided,
  storedSchemas,
]

/** Everything that is wrong with a model and only shows when its parts are held against each other. Runs nothing of it. */
export function checkModel(system: System): readonly Finding[] {
  return rules.flatMap((rule) => [...rule(system)])
}
