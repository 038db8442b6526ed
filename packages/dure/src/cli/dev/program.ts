import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** How long a program may take to stop before it is killed. */
const GRACE_MS = 10_000

const guard = import.meta.url.endsWith('.ts')
  ? new URL('./leave-with-parent.ts', import.meta.url)
  : new URL('./leave-with-parent.js', import.meta.url)

/** How a program ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * The program that `dure dev` runs, as a process group of its own: Ctrl-C at the terminal reaches `dure dev` alone, which
 * then stops the program with one signal and waits for it.
 */
export class Program {
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  #running = true

  constructor(
    file: string,
    args: readonly string[],
    cwd: string,
    env: Readonly<Record<string, string | undefined>>,
    onOutput?: (chunk: Buffer) => void,
  ) {
    this.#child = spawn(process.execPath, [...process.execArgv, '--import', guard.href, file, ...args], {
      cwd,
      env: { ...env, NODE_ENV: env['NODE_ENV'] ?? 'development' },
      stdio:
        onOutput === undefined ? ['ignore', 'inherit', 'inherit', 'ipc'] : ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: process.platform !== 'win32',
    })
    if (onOutput !== undefined) {
      this.#child.stdout?.on('data', onOutput)
      this.#child.stderr?.on('data', onOutput)
    }
    this.ended = once(this.#child, 'exit').then((it) => {
      const [code, signal] = it as [Ended['code'], Ended['signal']]
      this.#running = false
      return { code, signal }
    })
  }

  /** Asks the program to stop and waits until it has; kills what does not. */
  async stop(onKill: () => void): Promise<void> {
    if (!this.#running) return
    this.#child.kill('SIGTERM')
    const late = setTimeout(() => {
      onKill()
      this.kill()
    }, GRACE_MS)
    await this.ended
    clearTimeout(late)
  }

  /** Ends the program, and what it has started, at once. */
  kill(): void {
    const { pid } = this.#child
    if (pid === undefined || !this.#running) return
    if (process.platform === 'win32') this.#child.kill('SIGKILL')
    else process.kill(-pid, 'SIGKILL')
  }
}
