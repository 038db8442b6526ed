import { fault } from '../../../kernel/errors/fault.ts'
import type {
  ArchiveContents,
  ArchivedPart,
  ArchiveFile,
  LogArchiving,
  LogFollower,
  LogPart,
  StandingPart,
} from '../../../ports/archive.ts'
import { missingMigrations } from '../migrate.ts'
import { probeStatement } from '../log/postgres-log.ts'
import { checkOwner, type Owner } from '../schema/owner.ts'
import { quoted } from '../schema-name.ts'
import type { Runner, Session, Transaction } from '../session.ts'
import { storeError } from '../store-error.ts'
import { asideOf, exchange, makeAside, type Exchange } from './exchange.ts'
import { closedPartitions, existingSchemas, followersOf, spareSql, standingOf } from './parts.ts'
import type { Followed, Partition } from './parts.ts'

/** Events read or written at once. */
const page = 2000
/** How often, each tenth of a second, is looked whether the transactions have ended that may write into old parts. */
const patience = 30

/** Who may follow the log. */
export interface ArchivingParts {
  readonly followers: readonly LogFollower[]
  /** Names of schemas, not quoted, of all contexts that may follow, by their names. */
  readonly schemas: ReadonlyMap<string, string>
}

/**
 * Moves events between a log and files. Rows of a log are neither changed nor deleted: a partition with those that stay is
 * made aside and takes the place of the other, all in the transaction that writes down what was archived.
 */
export class PostgresArchiving implements LogArchiving {
  readonly #session: Session
  readonly #owner: Owner
  readonly #parts: ArchivingParts
  readonly #s: string

  constructor(session: Session, owner: Owner, parts: ArchivingParts) {
    this.#session = session
    this.#owner = owner
    this.#parts = parts
    this.#s = quoted(owner.schema)
  }

  parts(before: Date): Promise<readonly StandingPart[]> {
    return this.#coded(async () => {
      await this.#ready()
      const closed = await closedPartitions(this.#session, this.#s)
      const settled = await this.#isSettled(this.#session)
      const followed = await this.#followed()
      const all = await followersOf(this.#session, followed)
      const found: StandingPart[] = []
      for (const it of closed) {
        const part = await standingOf(this.#session, followed, it, before, all)
        found.push(settled || part.standing !== 'ready' ? part : { ...part, standing: 'unsettled' })
      }
      return found
    })
  }

  archive(
    part: LogPart,
    before: Date,
    keep: (contents: ArchiveContents) => Promise<ArchiveFile>,
  ): Promise<ArchivedPart | undefined> {
    return this.#coded(async () => {
      await this.#ready()
      const followed = await this.#followed()
      return this.#turn(async (tx) => {
        const partition = await this.#partitionOf(tx, part)
        if (partition === undefined || !(await this.#isSettled(tx))) return undefined
        const all = await followersOf(tx, followed)
        const { standing, events } = await standingOf(tx, followed, partition, before, all)
        if (standing !== 'ready') return undefined
        return this.#archive(tx, followed, partition, events, keep)
      })
    })
  }

  async archived(): Promise<readonly ArchivedPart[]> {
    return this.#coded(async () => {
      await this.#ready()
      return this.#archived(this.#session)
    })
  }

  restore(file: Pick<ArchiveFile, 'file' | 'sha256'>, lines: AsyncIterable<string>): Promise<ArchivedPart> {
    return this.#coded(async () => {
      await this.#ready()
      return this.#turn(async (tx) => {
        const it = (await this.#archived(tx)).find(({ sha256 }) => sha256 === file.sha256)
        if (it === undefined) throw this.#failed(`the log does not miss the events of ${file.file}`)
        const partition = await this.#partitionOf(tx, it)
        if (partition === undefined) throw this.#failed(`the log has no place for the events of ${file.file}`)
        await this.#restore(tx, partition, it, lines)
        return it
      })
    })
  }

  async #archive(
    tx: Transaction,
    followed: Followed,
    partition: Partition,
    events: number,
    keep: (contents: ArchiveContents) => Promise<ArchiveFile>,
  ): Promise<ArchivedPart | undefined> {
    const { table, from, to } = partition
    const it = this.#exchangeOf(partition)
    await makeAside(tx, it)
    // Whatever stays is decided here, once: an aggregate that ends a moment later is in the log or in the file, not in neither.
    const stays = await countOf(
      tx,
      `insert into ${asideOf(partition)} select e.* from ${table} e where not (${spareSql(followed, 'e')})`,
    )
    const epoch = await this.#epoch(tx)
    const lines = goneLines(tx, partition)
    const kept = await keep({ from, to, epoch, events: events - stays, lines })
    if (kept.events !== events - stays) {
      throw this.#failed(`${kept.file} holds ${kept.events} of ${events - stays} events`)
    }
    const mayGoOn = async (): Promise<boolean> => {
      const all = await followersOf(tx, followed)
      return all.every(({ through }) => through !== undefined && through >= to)
    }
    if (!(await exchange(tx, it, mayGoOn))) {
      throw this.#failed('a consumer has gone back into what was to be archived')
    }
    const { file, sha256 } = kept
    await tx.once(
      `insert into ${this.#s}.archives (first, last, epoch, events, file, sha256, at) values ($1, $2, $3, $4, $5, $6, now())`,
      [from, to, epoch, kept.events, file, sha256],
    )
    return { from, to, epoch, events: kept.events, file, sha256 }
  }

  async #restore(
    tx: Transaction,
    partition: Partition,
    { file, sha256, events }: ArchivedPart,
    lines: AsyncIterable<string>,
  ): Promise<void> {
    const it = this.#exchangeOf(partition)
    const aside = asideOf(partition)
    await makeAside(tx, it)
    await tx.once(`insert into ${aside} select e.* from ${partition.table} e`)
    let count = 0
    for await (const some of inPages(lines)) {
      // A file of a run that was interrupted may have been archived a second time, so some may be back already.
      await tx.once(
        `insert into ${aside} select e.* from unnest($1::text[]) l, json_populate_record(null::${aside}, l::json) e
on conflict (position) do nothing`,
        [some],
      )
      count += some.length
    }
    if (count !== events) throw this.#failed(`${file} holds ${count} of ${events} events`)
    await exchange(tx, it, async () => true)
    await tx.once(`delete from ${this.#s}.archives where sha256 = $1`, [sha256])
  }

  /** One transaction at a time, which takes as long as it takes; nobody waits for it until the exchange. */
  #turn<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#session.transactionOnce(async (tx) => {
      await tx.once(
        'set local statement_timeout = 0; set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0',
      )
      const key = `dure archive ${this.#owner.schema}`
      await tx.once('select pg_advisory_xact_lock(hashtextextended($1, 0))', [key])
      return work(tx)
    })
  }

  /**
   * Whether nobody can write any more into a partition that is closed: its positions have been drawn, and the transactions
   * that drew them have ended.
   */
  async #isSettled(queries: Runner & Pick<Session, 'once'>): Promise<boolean> {
    const probe = probeStatement(this.#s)
    const holders = async (): Promise<readonly string[]> => {
      const [row] = await queries.run(probe, [])
      return JSON.parse(row?.[1] ?? '[]') as string[]
    }
    let left = await holders()
    for (let look = 0; left.length > 0 && look < patience; look++) {
      await queries.once('select pg_sleep(0.1)')
      const now = new Set(await holders())
      left = left.filter((it) => now.has(it))
    }
    return left.length === 0
  }

  async #ready(): Promise<void> {
    const { context, schema } = this.#owner
    await checkOwner(this.#session, this.#owner)
    const steps = await missingMigrations(this.#session, context, schema)
    if (steps.length > 0) {
      throw fault('DURE_STORE_UNMIGRATED', { context, steps: steps.map((it) => it.what) })
    }
  }

  async #followed(): Promise<Followed> {
    const { schemas, followers } = this.#parts
    const there = await existingSchemas(this.#session, schemas)
    return { context: this.#owner.context, schema: this.#s, schemas: there, followers }
  }

  async #partitionOf(tx: Transaction, { from, to }: LogPart): Promise<Partition | undefined> {
    return (await closedPartitions(tx, this.#s)).find((it) => it.from === from && it.to === to)
  }

  async #epoch(tx: Transaction): Promise<string> {
    const [row] = await tx.once<[string]>(`select epoch from ${this.#s}.epochs order by number desc limit 1`)
    return row?.[0] ?? ''
  }

  async #archived(queries: Pick<Session, 'once'>): Promise<readonly ArchivedPart[]> {
    const rows = await queries.once<[string, string, string, string, string, string]>(
      `select first, last, epoch, events, file, sha256 from ${this.#s}.archives order by first, at`,
    )
    return rows.map(([from, to, epoch, events, file, sha256]) => ({
      from: Number(from),
      to: Number(to),
      epoch,
      events: Number(events),
      file,
      sha256,
    }))
  }

  #exchangeOf(partition: Partition): Exchange {
    return { store: this.#session.store, schema: this.#owner.schema, partition }
  }

  #failed(reason: string): Error {
    return fault('DURE_ARCHIVE_FAILED', { context: this.#owner.context, reason })
  }

  #coded<T>(work: () => Promise<T>): Promise<T> {
    return work().catch((error: unknown) => {
      throw storeError(error, this.#session.store)
    })
  }
}

/** The events that do not stay. */
async function* goneLines(tx: Transaction, partition: Partition): AsyncGenerator<string> {
  for (let after = partition.from - 1; ;) {
    const rows = await tx.once<[position: string, line: string]>(
      `
select e.position, row_to_json(e) from ${partition.table} e
where e.position > $1 and not exists (select 1 from ${asideOf(partition)} a where a.position = e.position)
order by e.position limit ${page}`,
      [after],
    )
    // A line break in JSON can only stand between its parts.
    for (const [position, line] of rows) {
      after = Number(position)
      yield line.replaceAll(/[\r\n]+/g, ' ')
    }
    if (rows.length < page) return
  }
}

async function* inPages(lines: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let some: string[] = []
  for await (const line of lines) {
    some.push(line)
    if (some.length < page) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}

async function countOf(tx: Transaction, insert: string): Promise<number> {
  const [row] = await tx.once<[string]>(`with i as (${insert} returning 1) select count(*) from i`)
  return Number(row?.[0] ?? 0)
}
