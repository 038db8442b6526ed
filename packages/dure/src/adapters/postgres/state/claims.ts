import type { StreamId } from '../../../ports/event-store.ts'
import type { Claim } from '../../../ports/state-store.ts'
import type { Runner } from '../session.ts'
import { type Statement, statement } from '../statement.ts'
import type { Bind } from './statement-cache.ts'

/** What streams give up and take; a value dropped and taken again by one stream is only taken. */
export interface ClaimMoves {
  readonly drop: readonly Claim[]
  readonly take: readonly Claim[]
}

/** A claim that another aggregate holds. */
export interface Held {
  readonly stream: StreamId
  readonly claim: Claim
  readonly holder: string
}

/** Claims by their streams. */
export type OfStreams = readonly { readonly stream: StreamId; readonly claims: readonly Claim[] }[]

/**
 * Values that only one aggregate may have. Two commits that drop and take crosswise end in a deadlock, of which the server
 * gives one up; it is done again then.
 */
export class Claims {
  readonly #schema: string
  readonly #drop: Statement<[]>
  readonly #take: Statement<[taken: string]>
  readonly #holders: Statement<[index: string, holder: string]>
  readonly #find: Statement<[id: string]>

  constructor(s: string) {
    this.#schema = s
    const claims = 'unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])'
    this.#drop = statement(`
delete from ${s}.claims c using ${claims} d (tenant, aggregate, id, name, value)
where c.tenant = d.tenant and c.aggregate = d.aggregate and c.id = d.id and c.name = d.name and c.value = d.value`)
    this.#take = statement(`
with took as (${insertClaims(s, `select tenant, aggregate, name, value, id from ${claims} t (tenant, aggregate, id, name, value)`)})
select count(*) from took`)
    this.#holders = statement(`
select t.index, c.id from ${claims} with ordinality t (tenant, aggregate, id, name, value, index)
  join ${s}.claims c on c.tenant = t.tenant and c.aggregate = t.aggregate and c.name = t.name and c.value = t.value
where c.id <> t.id order by t.index limit 1`)
    this.#find = statement(
      `select id from ${s}.claims where tenant = $1 and aggregate = $2 and name = $3 and value = $4`,
    )
  }

  /** The parts of a statement that moves the claims of one stream, as `won` allows; `$1` to `$3` name it. */
  parts({ drop, take }: ClaimMoves, bind: Bind): { parts: string[]; condition: string | undefined } {
    const parts: string[] = []
    if (drop.length > 0) {
      parts.push(`dropped as (delete from ${this.#schema}.claims c
  using won, unnest(${bind()}::text[], ${bind()}::text[]) d (name, value)
  where c.tenant = $1::text and c.aggregate = $2::text and c.id = $3::text
    and c.name = d.name and c.value = d.value)`)
    }
    if (take.length === 0) return { parts, condition: undefined }
    const [names, values] = [bind(), bind()]
    const rows = `select $1::text, $2::text, name, value, $3::text
  from won, unnest(${names}::text[], ${values}::text[]) t (name, value)`
    parts.push(`took as (${insertClaims(this.#schema, rows)})`)
    return { parts, condition: `(select count(*) from took) = cardinality(${names}::text[])` }
  }

  async drop(runner: Runner, drops: OfStreams): Promise<void> {
    if (drops.some((it) => it.claims.length > 0)) await runner.run(this.#drop, lists(drops))
  }

  /** False if another aggregate holds one; others may be taken then, so the transaction is to be rolled back. */
  async take(runner: Runner, takes: OfStreams): Promise<boolean> {
    const wanted = takes.reduce((sum, it) => sum + it.claims.length, 0)
    if (wanted === 0) return true
    const [row] = await runner.run(this.#take, lists(takes))
    return Number(row?.[0]) === wanted
  }

  /** The first of them that another aggregate holds. */
  async findHeld(runner: Runner, takes: OfStreams): Promise<Held | undefined> {
    const [row] = await runner.run(this.#holders, lists(takes))
    const at = row && claimants(takes)[Number(row[0]) - 1]
    return row && at && { ...at, holder: row[1] }
  }

  async find(runner: Runner, tenant: string, aggregate: string, it: Claim): Promise<string | undefined> {
    const [row] = await runner.run(this.#find, [tenant, aggregate, it.name, it.value])
    return row?.[0]
  }
}

/** Each claim with who wants it. */
export function claimants(of: OfStreams): { stream: StreamId; claim: Claim }[] {
  return of.flatMap(({ stream, claims }) => claims.map((claim) => ({ stream, claim })))
}

/** A claim that two streams want to take at once, and the second of them. */
export function takenTwice(takes: OfStreams): { stream: StreamId; claim: Claim } | undefined {
  const seen = new Set<string>()
  return claimants(takes).find(({ stream: { tenant, aggregate }, claim }) => {
    const key = `${tenant}\0${aggregate}\0${claimKey(claim)}`
    return seen.has(key) || !seen.add(key)
  })
}

/** Each once, because no statement writes a row twice. */
function distinct(claims: readonly Claim[]): Claim[] {
  return [...new Map(claims.map((it) => [claimKey(it), it])).values()]
}

export function claimMoves({ drop, take }: ClaimMoves): ClaimMoves {
  const taken = new Set(take.map(claimKey))
  return { drop: distinct(drop).filter((it) => !taken.has(claimKey(it))), take: distinct(take) }
}

/** The values of what `parts` binds. */
export function claimValues({ drop, take }: ClaimMoves): unknown[] {
  return [drop, take]
    .filter((it) => it.length > 0)
    .flatMap((it) => [it.map((claim) => claim.name), it.map((claim) => claim.value)])
}

function claimKey(it: Claim): string {
  return `${it.name}\0${it.value}`
}

function lists(of: OfStreams): unknown[] {
  const all = claimants(of)
  return [
    all.map((it) => it.stream.tenant),
    all.map((it) => it.stream.aggregate),
    all.map((it) => it.stream.id),
    all.map((it) => it.claim.name),
    all.map((it) => it.claim.value),
  ]
}

/** In the order of the key, so that two commits over the same claims queue instead of deadlocking. */
function insertClaims(s: string, rows: string): string {
  return `insert into ${s}.claims as c (tenant, aggregate, name, value, id)
  ${rows}
  order by 1, 2, name collate "C", value collate "C"
  on conflict (tenant, aggregate, name, value) do update set id = excluded.id where c.id = excluded.id
  returning 1`
}
