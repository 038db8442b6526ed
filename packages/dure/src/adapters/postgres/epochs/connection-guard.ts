import { fault } from '../../../kernel/errors/fault.ts'
import type { EpochStart } from '../../../ports/event-store.ts'
import { Lineage } from './lineage.ts'
import { isGone, isHidden, observe, type Observed, type Queries, STANDBY } from './observed.ts'

const MAX_TRIES = 5

/** Somebody has removed the tables. */
const GONE = 'gone'

/** What this process knew of a log before it asked. */
interface Remembered {
  readonly lineage: Lineage
  readonly epoch: string
  readonly floor: number
}

/**
 * Looks at each connection before its first use. A fail-over or a restore ends the connections there are, so no statement
 * can reach a log that has been put back, or is on another timeline, before its new epoch is written and known.
 */
export class ConnectionGuard {
  readonly #store: string
  readonly #lineages = new Set<Lineage>()
  #hidden = false

  constructor(store: string) {
    this.#store = store
  }

  add(lineage: Lineage): void {
    this.#lineages.add(lineage)
  }

  remove(lineage: Lineage): void {
    this.#lineages.delete(lineage)
  }

  /**
   * Resolves when all open contexts know where the connection, which is in no transaction, leads; to false if one of them
   * could not be found there, so that it has to be looked for again.
   * @throws DURE_STORE_UNAVAILABLE for a standby
   */
  async check(connection: Queries): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      const { strangers, whole } = await this.#look(connection)
      if (strangers.length === 0) return whole
      if (tries === MAX_TRIES) {
        const reason = `the epoch of ${strangers[0]?.lineage.context} changes all the time`
        throw fault('DURE_STORE_UNAVAILABLE', { store: this.#store, reason })
      }
      for (const { lineage, floor, epoch } of strangers) {
        // What is remembered of an epoch says nothing about the next, which another connection has brought meanwhile.
        if (lineage.epoch === epoch) await lineage.renew(connection, floor, this.#hidden)
      }
    }
  }

  /** As `check`, for a connection in a transaction of somebody else, on which nothing can be written first. */
  async fits(connection: Queries): Promise<boolean> {
    return (await this.#look(connection)).strangers.length === 0
  }

  /** Begins a new epoch of a log that has begun, on a connection in no transaction. */
  async restored(connection: Queries, context: string, schema: string): Promise<EpochStart | undefined> {
    // Learns what the server keeps to itself: in a transaction it would be undone by asking.
    await this.#observe(connection, [schema])
    const lineage = new Lineage(context, schema)
    await lineage.renew(connection, 0, this.#hidden, true)
    return lineage.epochs.at(-1)
  }

  async #look(connection: Queries): Promise<{
    readonly strangers: readonly Remembered[]
    readonly whole: boolean
  }> {
    // Read before the server is asked: what is committed while it answers may be beyond what it says.
    const all = Array.from(this.#lineages, (lineage): Remembered => ({
      lineage,
      epoch: lineage.epoch,
      floor: lineage.highest,
    }))
    const found = await this.#observe(
      connection,
      all.map((it) => it.lineage.schema),
    )
    const strangers = all.filter(({ lineage, floor }, i) => {
      const seen = found[i]
      return seen !== GONE && (seen === undefined || !lineage.fits(seen, floor))
    })
    return { strangers, whole: !found.includes(GONE) }
  }

  async #observe(
    connection: Queries,
    schemas: readonly string[],
  ): Promise<(Observed | undefined | typeof GONE)[]> {
    if (schemas.length === 0) return []
    try {
      const found = await observe(connection, schemas, this.#hidden)
      if (found.every((it) => it?.origin !== STANDBY)) return found
      const reason = 'the server is a standby that has not taken over'
      throw fault('DURE_STORE_UNAVAILABLE', { store: this.#store, reason })
    } catch (error) {
      if (!this.#hidden && isHidden(error)) {
        this.#hidden = true
        return this.#observe(connection, schemas)
      }
      if (!isGone(error)) throw error
      if (schemas.length === 1) return [GONE]
      const each: (Observed | undefined | typeof GONE)[] = []
      for (const it of schemas) each.push(...(await this.#observe(connection, [it])))
      return each
    }
  }
}
