import type { InboxMove, ParkedMessage, ParkedPlace } from '../../ports/event-store.ts'
import type { InboxState } from '../../ports/inbox.ts'
import { storableProse } from '../../ports/storable.ts'
import type { Runner, Transaction } from './session.ts'
import { type Statement, statement } from './statement.ts'

type ParkedRow = [
  consumer: string,
  source: string,
  position: string,
  tenant: string,
  aggregate: string,
  id: string,
  code: string,
  reason: string,
]

/** Watermarks and parked messages of consumers. */
export class InboxTable {
  readonly #schema: string
  readonly #move: Statement<[moved: string]>
  readonly #read: Statement<[epoch: string, through: string, slices: string, positions: string]>
  readonly #park: Statement<[]>
  readonly #parked: Statement<[tenant: string, aggregate: string, id: string]>
  readonly #unpark: Statement<[]>
  readonly #readParked: Statement<ParkedRow>

  constructor(s: string) {
    this.#schema = s
    this.#move = statement(moveSql(s))
    this.#read = statement(`
select c.epoch, c.through, to_json(array_agg(i.slice)), to_json(array_agg(i.position))
from ${s}.cursors c left join ${s}.inbox i on i.consumer = c.consumer and i.source = c.source
where c.consumer = $1 and c.source = $2 group by c.epoch, c.through`)
    this.#park = statement(`
insert into ${s}.parked (consumer, source, position, tenant, aggregate, id, code, reason, at)
select *, $9::timestamptz
from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
on conflict do nothing`)
    this.#parked = statement(`
select distinct tenant, aggregate, id from ${s}.parked where consumer = $1 and source = $2 order by 1, 2, 3`)
    this.#unpark = statement(`
delete from ${s}.parked p using unnest($1::text[], $2::text[], $3::bigint[]) as u(consumer, source, position)
where p.consumer = u.consumer and p.source = u.source and p.position = u.position returning 1`)
    this.#readParked = statement(`
select consumer, source, position, tenant, aggregate, id, code, reason from ${s}.parked
where ($1::text is null or consumer = $1) and ($2::text is null or source = $2) order by position`)
  }

  /** False if a watermark was elsewhere; some may have moved then, so the transaction is to be rolled back. */
  async move(tx: Transaction, { consumer, source, epoch, slices, through }: InboxMove): Promise<boolean> {
    const [answer] = await tx.run(this.#move, [
      consumer,
      source,
      epoch,
      through,
      slices.map((it) => it.slice),
      slices.map((it) => it.from),
      slices.map((it) => it.to),
    ])
    return Number(answer?.[0] ?? -1) === slices.length
  }

  async park(tx: Transaction, parks: readonly ParkedMessage[], at: Date): Promise<void> {
    await tx.run(this.#park, [
      parks.map((it) => it.consumer),
      parks.map((it) => it.source),
      parks.map((it) => it.position),
      parks.map((it) => it.stream.tenant),
      parks.map((it) => it.stream.aggregate),
      parks.map((it) => it.stream.id),
      parks.map((it) => it.code),
      parks.map((it) => storableProse(it.reason)),
      at.toISOString(),
    ])
  }

  /** False if one was not parked; others may be gone then, so the transaction is to be rolled back. */
  async unpark(tx: Transaction, places: readonly ParkedPlace[]): Promise<boolean> {
    const gone = await tx.run(this.#unpark, [
      places.map((it) => it.consumer),
      places.map((it) => it.source),
      places.map((it) => it.position),
    ])
    return gone.length === places.length
  }

  async readParked(runner: Runner, consumer?: string, source?: string): Promise<readonly ParkedMessage[]> {
    const rows = await runner.run(this.#readParked, [consumer ?? null, source ?? null])
    return rows.map(([of, from, position, tenant, aggregate, id, code, reason]) => ({
      consumer: of,
      source: from,
      stream: { tenant, aggregate, id },
      position: Number(position),
      code,
      reason,
    }))
  }

  async read(runner: Runner, consumer: string, source: string): Promise<InboxState> {
    const [[cursor], parked] = await Promise.all([
      runner.run(this.#read, [consumer, source]),
      runner.run(this.#parked, [consumer, source]),
    ])
    const slices = new Map<number, number>()
    if (cursor !== undefined) {
      const positions = JSON.parse(cursor[3]) as number[]
      for (const [i, slice] of (JSON.parse(cursor[2]) as (number | null)[]).entries()) {
        if (slice !== null) slices.set(slice, positions[i] ?? 0)
      }
    }
    return {
      epoch: cursor?.[0],
      slices,
      through: Number(cursor?.[1] ?? 0),
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
with mine as (
  insert into ${s}.cursors as c (consumer, source, epoch, through) values ($1, $2, $3, $4)
  on conflict (consumer, source) do update set through = greatest(c.through, excluded.through)
    where c.epoch = excluded.epoch
  returning 1),
m as (
  select m.* from mine, unnest($5::smallint[], $6::bigint[], $7::bigint[]) as m(slice, was, becomes)),
moved as (
  update ${s}.inbox i set position = m.becomes from m
  where i.consumer = $1 and i.source = $2 and i.slice = m.slice and i.position = m.was
  returning 1),
begun as (
  insert into ${s}.inbox (consumer, source, slice, position) select $1, $2, slice, becomes from m where was = 0
  on conflict do nothing
  returning 1)
select (select count(*) from moved) + (select count(*) from begun) from mine`
}
