import type { InboxMove } from '../../../ports/event-store.ts'
import type { EpochAdoption, InboxState } from '../../../ports/inbox.ts'
import type { ParkedMessage, ParkedPlace, ParkedRecord } from '../../../ports/parking.ts'
import { ParkedTable } from './parked-table.ts'
import type { Runner, Transaction } from '../session.ts'
import { type Statement, statement } from '../statement.ts'

/** Watermarks and parked messages of consumers. */
export class InboxTable {
  readonly #schema: string
  readonly #move: Statement<[moved: string]>
  readonly #read: Statement<
    [epoch: string, through: string, place: string | null, slices: string, positions: string]
  >
  readonly #streams: Statement<[tenant: string, aggregate: string, id: string]>
  readonly #adopt: Statement<[]>
  readonly #clamp: Statement<[]>
  readonly parked: ParkedTable

  constructor(s: string) {
    this.#schema = s
    this.parked = new ParkedTable(s)
    this.#move = statement(moveSql(s))
    this.#read = statement(`
select c.epoch, c.through, c.place, to_json(array_agg(i.slice)), to_json(array_agg(i.position))
from ${s}.cursors c left join ${s}.inbox i on i.consumer = c.consumer and i.source = c.source
where c.consumer = $1 and c.source = $2 group by c.epoch, c.through, c.place`)
    this.#streams = statement(`
select distinct tenant, aggregate, id from ${s}.parked where consumer = $1 and source = $2 order by 1, 2, 3`)
    this.#adopt = statement(`
update ${s}.cursors
set epoch = $4, through = least(through, $5::bigint), place = case when through > $5::bigint then null else place end
where consumer = $1 and source = $2 and epoch = $3 returning 1`)
    this.#clamp = statement(`
update ${s}.inbox set position = $3 where consumer = $1 and source = $2 and position > $3`)
  }

  /** False if a watermark was elsewhere; some may have moved then, so the transaction is to be rolled back. */
  async move(tx: Transaction, it: InboxMove): Promise<boolean> {
    const [answer] = await tx.run(this.#move, moveValues(it))
    return Number(answer?.[0] ?? -1) === it.slices.length
  }

  park(tx: Transaction, parks: readonly ParkedMessage[], at: Date): Promise<void> {
    return this.parked.park(tx, parks, at)
  }

  /** False if one was not parked; others may be gone then, so the transaction is to be rolled back. */
  unpark(tx: Transaction, places: readonly ParkedPlace[]): Promise<boolean> {
    return this.parked.unpark(tx, places)
  }

  // The cursor's row is written first, so that movers wait, and are refused by its epoch afterwards.
  async adopt(tx: Transaction, it: EpochAdoption): Promise<readonly ParkedRecord[] | undefined> {
    const { consumer, source, from, to, clampTo } = it
    const [adopted] = await tx.run(this.#adopt, [consumer, source, from, to, clampTo])
    if (adopted === undefined) return undefined
    await tx.run(this.#clamp, [consumer, source, clampTo])
    return this.parked.clamp(tx, consumer, source, clampTo)
  }

  async read(runner: Runner, consumer: string, source: string): Promise<InboxState> {
    const [[cursor], parked] = await Promise.all([
      runner.run(this.#read, [consumer, source]),
      runner.run(this.#streams, [consumer, source]),
    ])
    const slices = new Map<number, number>()
    if (cursor !== undefined) {
      const positions = JSON.parse(cursor[4]) as number[]
      for (const [i, slice] of (JSON.parse(cursor[3]) as (number | null)[]).entries()) {
        if (slice !== null) slices.set(slice, positions[i] ?? 0)
      }
    }
    return {
      epoch: cursor?.[0],
      slices,
      through: Number(cursor?.[1] ?? 0),
      ...(cursor !== undefined && cursor[2] !== null && { place: cursor[2] }),
      parked: parked.map(([tenant, aggregate, id]) => ({ tenant, aggregate, id })),
    }
  }

  async forget(tx: Transaction, consumer: string, view: string | undefined): Promise<void> {
    for (const table of ['cursors', 'inbox', 'parked']) {
      await tx.once(`delete from ${this.#schema}.${table} where consumer = $1`, [consumer])
    }
    if (view !== undefined) await tx.once(`delete from ${this.#schema}.view_rows where view = $1`, [view])
  }
}

/*
 * The cursor's row is written first: movers of one (consumer, source) queue there. One that waited sees the watermarks
 * that the other left, because an UPDATE checks its predicate again on the row as it is, and an INSERT meets the row
 * that is there. A watermark at 0 may have a row or none.
 */
function moveSql(s: string): string {
  return `
with ${moveParts(s)}
select ${moved} from mine`
}

/** The parts of the statement that moves watermarks, `$1` to `$8`; `mine` has a row if the epoch is the right one. */
export function moveParts(s: string): string {
  return `mine as (
  insert into ${s}.cursors as c (consumer, source, epoch, through, place) values ($1, $2, $3, $4, $8)
  on conflict (consumer, source) do update
    set through = greatest(c.through, excluded.through),
      place = case when excluded.through < c.through then c.place else coalesce(excluded.place, c.place) end
    where c.epoch = excluded.epoch
  returning 1),
m as (
  select m.* from mine, unnest((select $5::smallint[]), (select $6::bigint[]), (select $7::bigint[]))
    as m(slice, was, becomes)),
moved as (
  update ${s}.inbox i set position = m.becomes from m
  where i.consumer = $1 and i.source = $2 and i.slice = m.slice and i.position = m.was
  returning 1),
begun as (
  insert into ${s}.inbox (consumer, source, slice, position) select $1, $2, slice, becomes from m where was = 0
  on conflict do nothing
  returning 1)`
}

/** How many watermarks those parts have moved. */
export const moved = '(select count(*) from moved) + (select count(*) from begun)'

/** `$1` to `$8` of the statement that moves watermarks. */
export function moveValues(it: InboxMove): unknown[] {
  const { consumer, source, epoch, slices, through, place } = it
  return [
    consumer,
    source,
    epoch,
    through,
    slices.map(({ slice }) => slice),
    slices.map(({ from }) => from),
    slices.map(({ to }) => to),
    place ?? null,
  ]
}
