import type { StreamId } from '../../../ports/event-store.ts'
import type { StreamStanding } from '../../../ports/state-store.ts'
import type { Runner } from '../session.ts'
import { type Statement, statement } from '../statement.ts'
import type { KeptTables } from './kept-tables.ts'

type StandingRow = [
  tenant: string,
  id: string,
  version: string,
  ended: string,
  found: string,
  rowVersion: string | null,
  rowShape: string | null,
]

/**
 * The streams of an aggregate, a page at a time: `$1` aggregate, `$2` at most, `$3` and `$4` tenant and id of the last one
 * before. The aggregate stands in the middle of the key, so that its index gives the order.
 */
export async function listStreams(
  runner: Runner,
  s: string,
  tables: KeptTables | undefined,
  aggregate: string,
  after: StreamId | undefined,
  limit: number,
): Promise<StreamStanding[]> {
  const rows = await runner.run(standings(s, tables?.root, after !== undefined), [
    aggregate,
    limit,
    ...(after === undefined ? [] : [after.tenant, after.id]),
  ])
  return rows.map(([tenant, id, version, ended, found, rowVersion, rowShape]) => ({
    stream: { tenant, aggregate, id },
    version: Number(version),
    ended: ended === 't',
    ...(found === 't' && { row: { version: Number(rowVersion ?? 0), shape: rowShape ?? '' } }),
  }))
}

function standings(s: string, root: KeptTables['root'] | undefined, goesOn: boolean): Statement<StandingRow> {
  const on = root && [
    root.tenant === undefined
      ? `p.tenant = ''`
      : `c.${root.tenant.sql} = ${root.tenant.codec.convert('p.tenant')}`,
    `c.${root.id.sql} = ${root.id.codec.convert('p.id')}`,
  ]
  return statement(`
select p.*, ${root ? `c.${root.id.sql} is not null, c.${root.version}, c.${root.shape}` : 'false, null, null'}
from (
  select tenant, id, version, ended from ${s}.streams
  where aggregate = $1 ${goesOn ? 'and (tenant, aggregate, id) > ($3, $1, $4)' : ''}
  order by tenant, id limit $2::bigint) p
${root && on ? `left join ${root.sql} c on ${on.join(' and ')}` : ''}
order by p.tenant, p.id`)
}
