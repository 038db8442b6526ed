import type { JsonObject } from '../../kernel/json.ts'
import type { World } from '../../kernel/world.ts'
import type { Commit, EventMeta, RowWrite } from '../../ports/event-store.ts'
import type { ContextStore } from '../../ports/store.ts'
import {
  jobKey,
  pollerKey,
  runKey,
  runRows,
  taskRows,
  type JobRow,
  type PollerRow,
  type RunRow,
} from './rows.ts'

/** How many runs of a job are kept. */
const kept = 50

interface Revised {
  readonly revision: number
}

/**
 * The rows of the jobs and pollers of one context. Every write moves the row's own mark by compare-and-set, so of several
 * who have read the same row only one can write it, whoever holds a lease.
 */
export class TaskRows {
  readonly store: ContextStore
  readonly #world: World

  constructor(store: ContextStore, world: World) {
    this.store = store
    this.#world = world
  }

  async read(keys: readonly string[]): Promise<ReadonlyMap<string, JsonObject>> {
    return this.store.readRows(taskRows, keys)
  }

  async job(name: string): Promise<JobRow | undefined> {
    const key = jobKey(name)
    return (await this.read([key])).get(key) as JobRow | undefined
  }

  async poller(name: string): Promise<PollerRow | undefined> {
    const key = pollerKey(name)
    return (await this.read([key])).get(key) as PollerRow | undefined
  }

  /** A run that is over. */
  async run(job: string, id: string): Promise<RunRow | undefined> {
    const key = runKey(job, id)
    const row = (await this.store.readRows(runRows, [key])).get(key)
    return row?.['run'] as unknown as RunRow | undefined
  }

  /** The runs that are over, the last to end first. */
  async runs(job: string, limit = kept): Promise<readonly RunRow[]> {
    const found = await this.#runs(job, 0, limit)
    return found.map((it) => it['run'] as unknown as RunRow)
  }

  /** What stores a row in a commit that is refused if somebody else has written it since it was read. */
  change<R extends Revised>(key: string, row: R): { readonly after: R; readonly unit: RowChange } {
    const { revision: from } = row
    const after = { ...row, revision: from + 1 }
    const inbox = {
      consumer: key,
      source: taskRows,
      epoch: '',
      slices: [{ slice: 0, from, to: from + 1 }],
      through: from + 1,
    }
    return { after, unit: { inbox, rows: [{ view: taskRows, key, row: after as unknown as JsonObject }] } }
  }

  /** Stores a row, and others with it. Undefined, and nothing is stored, if somebody else was first. */
  async write<R extends Revised>(
    key: string,
    row: R,
    more: readonly RowWrite[] = [],
  ): Promise<R | undefined> {
    const { after, unit } = this.change(key, row)
    const rows = [...unit.rows, ...more]
    const outcome = await this.store.commit({
      at: this.#world.now(),
      meta: this.#meta(),
      appends: [],
      ...unit,
      rows,
    })
    return outcome.ok ? after : undefined
  }

  /** Removes rows that nobody asks for any more. */
  async remove(view: string, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return
    const rows = keys.map((key) => ({ view, key, row: null }))
    await this.store.commit({ at: this.#world.now(), meta: this.#meta(), appends: [], rows })
  }

  /** Keeps the last runs of a job and forgets the others. */
  async forgetRuns(job: string): Promise<void> {
    const old = await this.#runs(job, kept, 100)
    await this.remove(
      runRows,
      old.map((it) => runKey(job, (it['run'] as unknown as RunRow).id)),
    )
  }

  #runs(job: string, offset: number, limit: number): Promise<readonly JsonObject[]> {
    return this.store.queryRows(runRows, {
      where: { job },
      orderBy: 'ended',
      descending: true,
      offset,
      limit,
    })
  }

  #meta(): EventMeta {
    const command = this.#world.newId()
    return { command, actor: 'dure', correlation: command }
  }
}

/** The part of a commit that stores a row. */
export type RowChange = Required<Pick<Commit, 'inbox' | 'rows'>>

/** A run that is over, as a row. */
export function endedRun(job: string, run: RunRow): RowWrite {
  const row = { job, ended: run.ended, run: run as unknown as JsonObject }
  return { view: runRows, key: runKey(job, run.id), row }
}
