import type {
  ParkedFilter,
  ParkedMessage,
  ParkedPlace,
  ParkedRecord,
  ParkedSequence,
  ParkedTry,
} from '../../../ports/parking.ts'
import { checkParkedFilter, checkTry, storableProse } from '../../../ports/storable.ts'
import type { Runner, Transaction } from '../session.ts'
import { type Statement, statement } from '../statement.ts'

type ParkedRow = [
  consumer: string,
  source: string,
  position: string,
  tenant: string,
  aggregate: string,
  id: string,
  code: string,
  reason: string,
  tries: string,
  at: string,
  triedAt: string,
  heldUntil: string | null,
  retry: string,
]

const ms = (time: string): string => `extract(epoch from ${time}) * 1000`
const columns = `consumer, source, position, tenant, aggregate, id, code, reason, tries,
  ${ms('at')}, ${ms('coalesce(tried_at, at)')}, ${ms('held_until')}, retry`

/** Which rows `filterValues` mean. */
const chosen = `($1::text is null or consumer = $1) and ($2::text is null or source = $2)
  and ($3::text is null or tenant = $3) and ($4::text is null or aggregate = $4) and ($5::text is null or id = $5)`

/** What consumers have set aside. */
export class ParkedTable {
  readonly #park: Statement<[]>
  readonly #unpark: Statement<[]>
  readonly #clamp: Statement<ParkedRow>
  readonly #read: Statement<ParkedRow>
  readonly #sequences: Statement<[...ParkedRow, count: string]>
  readonly #request: Statement<[]>
  readonly #note: Statement<[]>

  constructor(s: string) {
    this.#park = statement(`
insert into ${s}.parked (consumer, source, position, tenant, aggregate, id, code, reason, tries, held_until, at)
select *, $11::timestamptz
from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::int[], $10::timestamptz[])
on conflict do nothing`)
    this.#unpark = statement(`
delete from ${s}.parked p using unnest($1::text[], $2::text[], $3::bigint[]) as u(consumer, source, position)
where p.consumer = u.consumer and p.source = u.source and p.position = u.position returning 1`)
    this.#clamp = statement(`
delete from ${s}.parked where consumer = $1 and source = $2 and position > $3 returning ${columns}`)
    this.#read = statement(`
select ${columns} from ${s}.parked where ${chosen} order by position limit $6`)
    this.#sequences = statement(`
select f.*, c.count from (
  select distinct on (consumer, source, tenant, aggregate, id) ${columns} from ${s}.parked where ${chosen}
  order by consumer, source, tenant, aggregate, id, position) f
join (
  select consumer, source, tenant, aggregate, id, count(*) from ${s}.parked where ${chosen} group by 1, 2, 3, 4, 5) c
using (consumer, source, tenant, aggregate, id)
order by f.position`)
    this.#request = statement(`
update ${s}.parked set retry = true where (consumer, source, position) in (
  select consumer, source, min(position) from ${s}.parked where ${chosen}
  group by consumer, source, tenant, aggregate, id)
returning 1`)
    this.#note = statement(`
update ${s}.parked set tries = $5, tried_at = $6::timestamptz, code = $7, reason = $8, held_until = $9::timestamptz,
  retry = retry and $5 <= tries
where consumer = $1 and source = $2 and position = $3 and tries = $4 returning 1`)
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
      parks.map((it) => it.tries),
      parks.map((it) => it.heldUntil?.toISOString() ?? null),
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

  /** Removes what is parked from above a position. */
  async clamp(tx: Transaction, consumer: string, source: string, to: number): Promise<ParkedRecord[]> {
    const gone = await tx.run(this.#clamp, [consumer, source, to])
    return gone.map(recordOf).toSorted((a, b) => a.position - b.position)
  }

  async read(runner: Runner, filter: ParkedFilter, limit?: number): Promise<readonly ParkedRecord[]> {
    checkParkedFilter(filter, limit)
    const rows = await runner.run(this.#read, [...filterValues(filter), limit ?? null])
    return rows.map(recordOf)
  }

  async sequences(runner: Runner, filter: ParkedFilter): Promise<readonly ParkedSequence[]> {
    checkParkedFilter(filter)
    const rows = await runner.run(this.#sequences, filterValues(filter))
    return rows.map((row) => ({ first: recordOf(row), count: Number(row[13]) }))
  }

  async request(runner: Runner, filter: ParkedFilter): Promise<number> {
    checkParkedFilter(filter)
    return (await runner.run(this.#request, filterValues(filter))).length
  }

  async note(runner: Runner, place: ParkedPlace, seen: number, now: ParkedTry): Promise<boolean> {
    checkTry(place, now)
    const { consumer, source, position } = place
    const { tries, triedAt, code, reason, heldUntil } = now
    const until = heldUntil?.toISOString() ?? null
    const noted = [tries, triedAt.toISOString(), code, storableProse(reason), until]
    return (await runner.run(this.#note, [consumer, source, position, seen, ...noted])).length > 0
  }
}

function filterValues({ consumer, source, tenant, aggregate, id }: ParkedFilter): unknown[] {
  return [consumer ?? null, source ?? null, tenant ?? null, aggregate ?? null, id ?? null]
}

function recordOf(row: ParkedRow | [...ParkedRow, string]): ParkedRecord {
  const [consumer, source, position, tenant, aggregate, id, code, reason, tries, at, triedAt, held, retry] =
    row
  return {
    consumer,
    source,
    stream: { tenant, aggregate, id },
    position: Number(position),
    code,
    reason,
    tries: Number(tries),
    at: dateOf(at),
    triedAt: dateOf(triedAt),
    retry: retry === 't',
    ...(held !== null && { heldUntil: dateOf(held) }),
  }
}

const dateOf = (msSince1970: string): Date => new Date(Math.round(Number(msSince1970)))
