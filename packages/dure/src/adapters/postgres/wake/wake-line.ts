import { randomUUID } from 'node:crypto'
import type { PgClient, PgNotification } from '../pg-pool.ts'
import type { Session } from '../session.ts'
import { oneOff } from '../statement.ts'

/** Between two messages of this process; what is rung for meanwhile goes with the next. */
const GAP_MS = 5
const SHORTEST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 30_000
/** How long a message may be on its way in the trial. */
const TRIAL_MS = 2000
/** After a trial that failed: the server or what stands before it will not have changed so soon. */
const DEAF_PAUSE_MS = 10 * 60_000

type Listener = (message: string) => void

/**
 * Tells other processes of commits, and hears of theirs, on a connection of its own: NOTIFY inside a transaction that
 * writes makes all such transactions queue for one lock. The connection is asked one thing at a time, and one message
 * stands for all commits since the one before. Whatever goes wrong here costs time only: who listens polls as well.
 */
export class WakeLine {
  readonly #session: Session
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #rung = new Set<string>()
  /** What the connection listens to. */
  #heeded = new Set<string>()
  /** Cancels what is waited for. */
  readonly #waits = new Set<() => void>()
  #client: PgClient | undefined
  /** Of the server's process behind the connection. */
  #process = 0
  #isTelling = false
  #isRunning = false
  #isClosed = false
  #hasHeard = false
  #hangUp: () => void = () => undefined

  constructor(session: Session) {
    this.#session = session
  }

  /** Calls back when others have rung; returns the way to stop it. */
  join(channel: string, listener: Listener): () => void {
    const added: Listener = (message) => listener(message)
    const all = this.#listeners.get(channel) ?? new Set()
    this.#listeners.set(channel, all.add(added))
    this.#start()
    void this.#tell()
    return () => {
      all.delete(added)
      if (all.size > 0 || this.#listeners.get(channel) !== all) return
      this.#listeners.delete(channel)
      void this.#tell()
    }
  }

  /** Tells others, soon. */
  ring(channel: string): void {
    this.#rung.add(channel)
    this.#start()
    void this.#tell()
  }

  close(): void {
    this.#isClosed = true
    this.#hangUp()
    for (const cancel of this.#waits) cancel()
  }

  #start(): void {
    if (this.#isRunning || this.#isClosed) return
    this.#isRunning = true
    void this.#keepUp()
  }

  async #keepUp(): Promise<void> {
    for (let pauseMs = SHORTEST_PAUSE_MS; !this.#isClosed;) {
      const heard = await this.#connect().catch(() => 'nothing' as const)
      if (heard === 'something') pauseMs = SHORTEST_PAUSE_MS
      await this.#pause(heard === 'deaf' ? DEAF_PAUSE_MS : pauseMs)
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    }
  }

  /** Until the connection ends. */
  async #connect(): Promise<'something' | 'nothing' | 'deaf'> {
    const { client, release } = await this.#session.hold()
    const ended = new Promise<void>((resolve) => {
      this.#hangUp = resolve
      client.on?.('end', resolve)
      client.on?.('error', () => resolve())
    })
    try {
      if (this.#isClosed || client.on === undefined) return 'deaf'
      client.unref?.()
      if (!(await this.#isHeard(client))) return 'deaf'
      client.on('notification', (it) => this.#hear(it))
      const channels = [...this.#listeners.keys()]
      if (channels.length > 0) await client.query(oneOff(channels.map((it) => `listen ${it}`).join(';')))
      this.#heeded = new Set(channels)
      this.#client = client
      // What was missed since the last connection is not known.
      const missed = this.#hasHeard ? [...this.#listeners.values()] : []
      for (const all of missed) for (const listener of all) listener('')
      this.#hasHeard = true
      void this.#tell()
      await ended
      return 'something'
    } finally {
      this.#client = undefined
      this.#hangUp = () => undefined
      release()
    }
  }

  /**
   * Whether what another connection sends arrives here. A pooler that gives a connection of the server to each transaction
   * takes LISTEN without complaint, and nothing ever comes.
   */
  async #isHeard(client: PgClient): Promise<boolean> {
    const trial = `dure_trial_${randomUUID().replaceAll('-', '')}`
    const arrived = new Promise<true>((resolve) => {
      client.on?.('notification', (it) => it.channel === trial && resolve(true))
    })
    const { rows } = await client.query(oneOff(`select pg_backend_pid()`))
    this.#process = Number((rows[0] as [string] | undefined)?.[0])
    await client.query(oneOff(`listen ${trial}`))
    const sent = this.#session.once(`notify ${trial}`)
    const heard = await Promise.race([sent.then(() => arrived), this.#pause(TRIAL_MS).then(() => false)])
    await client.query(oneOff(`unlisten ${trial}`))
    return heard
  }

  #hear({ channel, payload = '', processId }: PgNotification): void {
    // Whoever has rung here knows it already.
    if (processId === this.#process) return
    for (const listener of this.#listeners.get(channel) ?? []) listener(payload)
  }

  /** Tells the server what it does not know yet, until it knows all. */
  async #tell(): Promise<void> {
    if (this.#isTelling) return
    this.#isTelling = true
    for (let client = this.#client; client !== undefined; client = this.#client) {
      const untold = this.#untold()
      if (untold.length === 0) break
      // With a connection goes what was on its way: the poll of the others finds it.
      await client.query(oneOff(untold.join(';'))).catch(() => this.#giveUp(client))
      await this.#pause(GAP_MS)
    }
    this.#isTelling = false
  }

  /** What the server merely refused is said again on the next connection. */
  #giveUp(client: PgClient): void {
    if (this.#client !== client) return
    this.#client = undefined
    this.#hangUp()
  }

  /** Statements for what the server does not know yet; from then on it counts as told. */
  #untold(): string[] {
    const wanted = new Set(this.#listeners.keys())
    const listens = [...wanted].filter((it) => !this.#heeded.has(it)).map((it) => `listen ${it}`)
    const unlistens = [...this.#heeded].filter((it) => !wanted.has(it)).map((it) => `unlisten ${it}`)
    const notifies = [...this.#rung].map((it) => `notify ${it}`)
    this.#heeded = wanted
    this.#rung.clear()
    // Nothing of a message has to outlive a crash of the server. Only for this transaction, though: behind a pooler the
    // connection is another's next, and what that commits has to.
    if (notifies.length > 0) notifies.unshift('set local synchronous_commit = off')
    return [...listens, ...unlistens, ...notifies]
  }

  /** Ends early when the line is closed; keeps no process alive. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        this.#waits.delete(end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      timer.unref()
      this.#waits.add(end)
      if (this.#isClosed) end()
    })
  }
}
