import { fault } from '../../kernel/errors/fault.ts'
import type { PgClient, PgPool } from './pg-pool.ts'
import { execution, oneOff, type Row, type Statement } from './statement.ts'
import { isContention, storeError } from './store-error.ts'

const MAX_TRIES = 5

// A process that stalls inside a transaction would hold back every reader of the log; the server ends it instead.
const BEGIN = `begin isolation level read committed; set local idle_in_transaction_session_timeout = '15s'`

/** Runs statements; the same on the pool and inside a transaction. */
export interface Runner {
  run<R extends Row>(statement: Statement<R>, values: unknown[]): Promise<readonly R[]>
}

/** The pool as Dure uses it: statements, transactions, and errors that have a code. */
export class Session implements Runner {
  readonly store: string
  readonly #pool: PgPool
  readonly #ownsPool: boolean
  #closed = false

  constructor(pool: PgPool, store: string, ownsPool: boolean) {
    this.#pool = pool
    this.store = store
    this.#ownsPool = ownsPool
    // Without a listener the end of an idle connection would end the process; the next query tells of it anyway.
    pool.on?.('error', ignore)
  }

  /** One statement, a transaction of its own. */
  async run<R extends Row>(it: Statement<R>, values: unknown[]): Promise<readonly R[]> {
    for (let tries = 1; ; tries++) {
      this.checkOpen()
      try {
        return (await this.#pool.query(execution(it, values))).rows as readonly R[]
      } catch (error) {
        if (tries >= MAX_TRIES || !isContention(error)) throw error
      }
    }
  }

  /** Statements that are not worth preparing, each a round trip; several in one text if there are no values. */
  async once<R extends Row>(text: string, values?: unknown[]): Promise<readonly R[]> {
    this.checkOpen()
    return (await this.#pool.query(oneOff(text, values))).rows as readonly R[]
  }

  /** Several statements as one; rolled back if `work` throws or `keep` denies its result. Repeated on contention. */
  async transaction<T>(
    work: (tx: Transaction) => Promise<T>,
    keep: (result: T) => boolean = always,
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      this.checkOpen()
      try {
        return await this.#tryTransaction(work, keep)
      } catch (error) {
        if (!isContention(error)) throw error
        if (tries >= MAX_TRIES) throw storeError(error, this.store, tries)
      }
    }
  }

  /** A transaction that cannot be repeated, for what its user does in it. */
  transactionOnce<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.checkOpen()
    return this.#tryTransaction(work, always)
  }

  /** A connection for statements that must not stand in a transaction; settings made in it are to be undone. */
  async lend<T>(work: (connection: Transaction) => Promise<T>): Promise<T> {
    this.checkOpen()
    const client = await this.#pool.connect()
    client.on?.('error', ignore)
    let broken = true
    try {
      const result = await work(new Transaction(client))
      broken = false
      return result
    } finally {
      client.off?.('error', ignore)
      client.release(broken)
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    // A pool that has ended still hears of connections that the server cut meanwhile, so its listener stays.
    if (this.#ownsPool) await this.#pool.end()
    else this.#pool.off?.('error', ignore)
  }

  async #tryTransaction<T>(work: (tx: Transaction) => Promise<T>, keep: (result: T) => boolean): Promise<T> {
    const client = await this.#pool.connect()
    client.on?.('error', ignore)
    let broken = true
    try {
      const tx = new Transaction(client)
      await tx.once(BEGIN)
      try {
        const result = await work(tx)
        if (keep(result)) await tx.commit(this.store)
        else await tx.once('rollback')
        broken = false
        return result
      } catch (error) {
        broken = await tx.once('rollback').then(never, always)
        throw error
      }
    } finally {
      client.off?.('error', ignore)
      // A connection that could not even be rolled back is of no use to anybody.
      client.release(broken)
    }
  }

  /** @throws DURE_STORE_CLOSED */
  checkOpen(): void {
    if (this.#closed) throw fault('DURE_STORE_CLOSED', { store: this.store })
  }
}

/** A connection inside a transaction. */
export class Transaction implements Runner {
  readonly #client: Pick<PgClient, 'query'>

  constructor(client: Pick<PgClient, 'query'>) {
    this.#client = client
  }

  /** The driver's own. */
  get client(): Pick<PgClient, 'query'> {
    return this.#client
  }

  /** A transaction in which a statement has failed ends with ROLLBACK, and the server does not call that an error. */
  async commit(store: string): Promise<void> {
    const { command } = await this.#client.query(oneOff('commit'))
    if (command !== 'ROLLBACK') return
    const reason = 'a statement in the transaction had failed, so all of it was rolled back'
    throw fault('DURE_STORE_REFUSED', { store, sqlstate: '25P02', reason })
  }

  async run<R extends Row>(it: Statement<R>, values: unknown[]): Promise<readonly R[]> {
    return (await this.#client.query(execution(it, values))).rows as readonly R[]
  }

  async once<R extends Row>(text: string, values?: unknown[]): Promise<readonly R[]> {
    return (await this.#client.query(oneOff(text, values))).rows as readonly R[]
  }
}

function ignore(): void {}

function always(): boolean {
  return true
}

function never(): boolean {
  return false
}
