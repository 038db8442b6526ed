import { fault } from '../../kernel/errors/fault.ts'
import { ConnectionGuard } from './epochs/connection-guard.ts'
import type { PgClient, PgPool, PgQuery, PgResult } from './pg-pool.ts'
import { execution, oneOff, type Row, type Statement } from './statement.ts'
import { isContention, isStatementRefused, storeError } from './store-error.ts'

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
  /** Looks at each connection before its first use. */
  readonly guard: ConnectionGuard
  /** Connections it has looked at. A pool that hands out another object each time has each looked at each time. */
  readonly #known = new WeakSet<object>()
  readonly #pool: PgPool
  readonly #ownsPool: boolean
  #closed = false
  #pair: Promise<unknown> = Promise.resolve()
  /** Who has asked the pool for a connection and has none yet. */
  #asking = 0
  #answered: () => void = ignore

  constructor(pool: PgPool, store: string, ownsPool: boolean) {
    this.#pool = pool
    this.store = store
    this.guard = new ConnectionGuard(store)
    this.#ownsPool = ownsPool
    // Without a listener the end of an idle connection would end the process; the next query tells of it anyway.
    pool.on?.('error', ignore)
    // Nor must one that is cut in the moment it is handed over, before anybody can listen.
    pool.on?.('connect', listen)
  }

  /** How many connections there can be; one where the pool does not say. */
  get connections(): number {
    return this.#pool.options?.max ?? 1
  }

  /** One statement, a transaction of its own. */
  async run<R extends Row>(it: Statement<R>, values: unknown[]): Promise<readonly R[]> {
    for (let tries = 1; ; tries++) {
      this.checkOpen()
      try {
        return (await this.#query(execution(it, values))).rows as readonly R[]
      } catch (error) {
        if (tries >= MAX_TRIES || !isContention(error)) throw error
      }
    }
  }

  /** Statements that are not worth preparing, each a round trip; several in one text if there are no values. */
  async once<R extends Row>(text: string, values?: unknown[]): Promise<readonly R[]> {
    this.checkOpen()
    return (await this.#query(oneOff(text, values))).rows as readonly R[]
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
    const client = await this.#take()
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

  /** As `lend`, two of them, from a pool of three or more. One pair at a time, so that none waits for another's second. */
  lendTwo<T>(work: (one: Transaction, other: Transaction) => Promise<T>): Promise<T> {
    const turn = this.#pair.then(() => this.lend((one) => this.lend((other) => work(one, other))))
    this.#pair = turn.catch(ignore)
    return turn
  }

  /** A connection to keep, for as long as `release` is not called; it is ended then. */
  async hold(): Promise<{ readonly client: PgClient; readonly release: () => void }> {
    this.checkOpen()
    const client = await this.#take()
    client.on?.('error', ignore)
    return { client, release: () => client.release(true) }
  }

  /** Looks once more where the connections lead; for who has reason to. */
  verify(): Promise<void> {
    return this.lend(async (connection) => void (await this.guard.check(connection)))
  }

  /**
   * Looks at a connection that the user has in a transaction.
   * @throws DURE_STORE_CONTENDED where it leads to a log that was restored, or taken over, and nobody has noted it yet
   */
  async verifyJoined({ client }: Transaction): Promise<void> {
    if (this.#known.has(client)) return
    if (await this.guard.fits(new Transaction(client))) return void this.#known.add(client)
    // On a connection of its own: here it would be undone with what the user does.
    this.verify().catch(ignore)
    const reason =
      'the database was restored, or another server has taken over, and that has to be noted first'
    throw fault('DURE_STORE_CONTENDED', { store: this.store, tries: 1, reason })
  }

  /** Whoever is under way is waited for where the pool is the session's own. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    // A pool that is told to end forgets those that still wait for a connection; they would wait for ever.
    if (this.#ownsPool && this.#asking > 0) await new Promise<void>((resolve) => (this.#answered = resolve))
    // A pool that has ended still hears of connections that the server cut meanwhile, so its listener stays.
    if (this.#ownsPool) await this.#pool.end()
    else {
      this.#pool.off?.('connect', listen)
      this.#pool.off?.('error', ignore)
    }
  }

  async #query(query: PgQuery): Promise<PgResult> {
    const client = await this.#take()
    client.on?.('error', ignore)
    let broken = false
    try {
      return await client.query(query)
    } catch (error) {
      broken = !isStatementRefused(error) && !isContention(error)
      throw error
    } finally {
      client.off?.('error', ignore)
      client.release(broken)
    }
  }

  async #take(): Promise<PgClient> {
    const client = await this.#ask()
    if (this.#known.has(client)) return client
    client.on?.('error', ignore)
    try {
      if (await this.guard.check(new Transaction(client))) this.#known.add(client)
      return client
    } catch (error) {
      client.release(true)
      throw error
    } finally {
      client.off?.('error', ignore)
    }
  }

  async #ask(): Promise<PgClient> {
    this.#asking++
    try {
      return await this.#pool.connect()
    } finally {
      if (--this.#asking === 0) this.#answered()
    }
  }

  async #tryTransaction<T>(work: (tx: Transaction) => Promise<T>, keep: (result: T) => boolean): Promise<T> {
    const client = await this.#take()
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

function listen(client: PgClient): void {
  client.on?.('error', ignore)
}

function always(): boolean {
  return true
}

function never(): boolean {
  return false
}
