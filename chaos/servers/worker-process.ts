import { fork, type ChildProcess } from 'node:child_process'
import { createWriteStream, type WriteStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ConsumerStatus } from 'dure/host'
import type { Question, Relays, WorkerMessage, WorkerSettings } from '../worker/protocol.ts'

const program = fileURLToPath(new URL('../worker/main.ts', import.meta.url))
const againMs = 400

export interface WorkerStatus {
  readonly status: readonly ConsumerStatus[]
  readonly relays: Relays
}

/** A worker that is started again whenever it ends, as whoever runs services does. */
export class WorkerProcess {
  readonly name: string
  readonly #settings: WorkerSettings
  readonly #log: WriteStream
  readonly #say: (line: string) => void
  #child: ChildProcess | undefined
  #isReady = Promise.withResolvers<void>()
  #stopped = false
  /** Told to stop by whoever starts it again. */
  #rolling: ChildProcess | undefined
  #frozen = false
  #asked = 0
  readonly #answers = new Map<number, (answer: WorkerStatus) => void>()

  constructor(name: string, settings: WorkerSettings, logFile: string, say: (line: string) => void) {
    this.name = name
    this.#settings = settings
    this.#log = createWriteStream(logFile, { flags: 'a' })
    this.#say = say
  }

  get url(): string {
    return `http://127.0.0.1:${this.#settings.port}`
  }

  serves(context: string): boolean {
    return this.#settings.split?.here.includes(context) ?? true
  }

  /** Resolves when the worker listens; again after each start. */
  get ready(): Promise<void> {
    return this.#isReady.promise
  }

  start(): void {
    const child = fork(program, [JSON.stringify(this.#settings)], {
      execArgv: ['--conditions=@dure/source', '--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    child.stdout?.pipe(this.#log, { end: false })
    child.stderr?.pipe(this.#log, { end: false })
    child.on('message', (message) => this.#hear(message as WorkerMessage))
    child.on('error', () => undefined)
    child.on('exit', (code, signal) => this.#ended(child, code, signal))
  }

  /** Resolves to what it tells once everything has settled for it, or undefined when that takes too long. */
  async ask(question: Question['ask'], withinMs: number): Promise<WorkerStatus | undefined> {
    const id = ++this.#asked
    const answer = new Promise<WorkerStatus>((resolve) => this.#answers.set(id, resolve))
    this.#child?.send({ id, ask: question } satisfies Question, () => undefined)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), withinMs)))
    const first = await Promise.race([answer, late])
    clearTimeout(timer)
    this.#answers.delete(id)
    return first
  }

  /** SIGKILL; the worker comes back by itself. */
  kill(): void {
    this.#frozen = false
    this.#child?.kill('SIGKILL')
  }

  /** SIGTERM, and waits until it listens again. */
  async roll(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return this.ready
    this.thaw()
    this.#rolling = child
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await gone
    await this.ready
  }

  /** SIGSTOP: a process that stalls and believes that no time has passed. */
  freeze(): void {
    this.#frozen = this.#child?.kill('SIGSTOP') ?? false
  }

  thaw(): void {
    if (this.#frozen) this.#child?.kill('SIGCONT')
    this.#frozen = false
  }

  async stop(): Promise<void> {
    this.#stopped = true
    const child = this.#child
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
    }
    this.#log.end()
  }

  #hear(message: WorkerMessage): void {
    if (message.kind === 'ready') return this.#isReady.resolve()
    this.#answers.get(message.id)?.(message)
  }

  #ended(child: ChildProcess, code: number | null, signal: string | null): void {
    if (this.#child !== child || this.#stopped) return
    this.#isReady = Promise.withResolvers()
    if (signal !== 'SIGKILL' && this.#rolling !== child)
      this.#say(`${this.name} ended by itself (${signal ?? code}), starting it again`)
    setTimeout(() => {
      if (!this.#stopped) this.start()
    }, againMs)
  }
}
