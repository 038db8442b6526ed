import { accessDecisions, decidesAccess } from '../../model/access/decisions.ts'
import { inWords } from '../../model/access/in-words.ts'
import { describeAccess } from '../../model/describe/describe-access.ts'
import type { AccessDescription } from '../../model/describe/model-format.ts'
import { servicePath } from '../../model/service-path.ts'
import type { System } from '../../model/system.ts'
import type { Paint } from '../paint.ts'

/** One command or query: where it is reached, and who may. */
export interface ListedRoute {
  readonly context: string
  readonly command?: string
  readonly query?: string
  /** `POST /c/ordering/placeOrder`, then the REST routes that lead to it. */
  readonly routes: readonly string[]
  /** Null where nothing says who may. */
  readonly allow: AccessDescription | null
  readonly words: string
}

/** Everything that a system answers, with the decision of who may. */
export function listRoutes(system: System): readonly ListedRoute[] {
  const decides = decidesAccess(system)
  return accessDecisions(system).map(({ context, kind, name, allow }) => {
    const query = kind === 'query'
    const own = `${query ? 'GET|POST' : 'POST'} ${servicePath(query ? 'q' : 'c', context, name)}`
    const others = system.routes
      .filter(({ target }) => target.context === context && target.name === name)
      .filter(({ target }) => (target.kind === 'contract-query') === query)
      .map((it) => `${it.method} ${it.path}`)
    return {
      context,
      ...(query ? { query: name } : { command: name }),
      routes: [own, ...others],
      allow: allow === undefined ? null : describeAccess(allow),
      words: allow === undefined ? (decides ? 'undecided' : 'everyone: undecided') : inWords(allow),
    }
  })
}

/** The list for a person: a line per route. */
export function routesText(listed: readonly ListedRoute[], paint: Paint): string {
  const lines = listed.flatMap((it) =>
    it.routes.map((route) => {
      const words = it.allow === null ? paint('yellow', it.words) : it.words
      return [route, `${it.context}.${it.command ?? it.query}`, words] as const
    }),
  )
  const widths = [0, 1].map((i) => Math.max(0, ...lines.map((it) => (it[i] as string).length)))
  return lines
    .map(
      ([route, name, words]) => `${route.padEnd(widths[0] ?? 0)}  ${name.padEnd(widths[1] ?? 0)}  ${words}\n`,
    )
    .join('')
}

/** What is said of it besides: how many there are, and whether the system decides at all. */
export function routesVerdict(listed: readonly ListedRoute[]): string {
  const undecided = listed.filter((it) => it.allow === null).length
  if (undecided === listed.length) return ''
  const all = `${listed.length} commands and queries`
  return undecided === 0
    ? `${all}, none without saying who may\n`
    : `${undecided} of ${all} do not say who may\n`
}
