import { contractsOf, type System } from '../../model/system.ts'
import { neededElsewhere, placementOf } from '../placement.ts'
import { postgresUrl, required, type Variable } from './variable.ts'

/** A context in the name of a variable: `ORDER_MANAGEMENT` for `OrderManagement`. */
export function environmentName(context: string): string {
  return context.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()
}

/**
 * The variables that say where single contexts are: `DURE_URL_<CONTEXT>` of those elsewhere, which is needed where one here
 * calls or hears them, and `DATABASE_URL_<CONTEXT>` of those that have a database of their own.
 * @throws DURE_CONTEXT_UNKNOWN
 */
export function variablesOfContexts(
  system: System,
  contexts: readonly string[] | undefined,
): Readonly<Record<string, Variable<string | undefined>>> {
  const placement = placementOf(system, contexts === undefined ? {} : { contexts })
  const needed = neededElsewhere(system, placement)
  const entries = [
    ...placement.here.map(({ name }): Entry => [
      `DATABASE_URL_${environmentName(name)}`,
      postgresUrl(`the PostgreSQL of ${name}, where it has one of its own`, undefined),
    ]),
    ...contractsOf(system).map((it): Entry => {
      const name = it.name as string
      const about = `where ${name} answers, for contexts in other processes`
      return [`DURE_URL_${environmentName(name)}`, serviceUrl(about, needed.includes(name))]
    }),
  ]
  return Object.fromEntries(entries)
}

type Entry = readonly [string, Variable<string | undefined>]

const fits = (given: string): boolean => URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)

function serviceUrl(about: string, needed: boolean): Variable<string | undefined> {
  return {
    about,
    fallback: needed ? (required as never) : undefined,
    read: (given) => (fits(given) ? given : { wrong: 'expected http://host:port or https://host:port' }),
  }
}
