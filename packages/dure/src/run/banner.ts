import type { System } from '../model/system.ts'
import { styled } from './terminal.ts'

/** What a person at a terminal is told when the system listens. */
export function banner(
  system: System,
  url: string,
  {
    pages,
    data,
    events,
  }: { readonly pages: boolean; readonly data: string; readonly events: string | undefined },
): string {
  const rows = [
    ...(pages ? [['page', `${url}/`]] : []),
    ['API', `${url}/reference`],
    ['OpenAPI', `${url}/openapi.json`],
    ['data', data],
    ...(events === undefined ? [] : [['events', events]]),
    ['contexts', system.contexts.map((it) => it.name).join(', ')],
  ]
  const lines = rows.map(([name = '', value = '']) => `  ${styled('gray', name.padEnd(9))} ${value}`)
  return [``, `${styled('bold', system.name)} is running. Ctrl-C stops it.`, ...lines, ``].join('\n')
}
