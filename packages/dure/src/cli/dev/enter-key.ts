import { spawnSync } from 'node:child_process'

type Terminal = Pick<NodeJS.ReadStream, 'isTTY' | 'on'>

/** The Enter key of a terminal. A pipe or a file has none. */
export class EnterKey {
  /** Whether there is one to press. */
  readonly heard: boolean
  #wake: (() => void) | undefined

  constructor(input: Terminal, inBackground: () => boolean = isInBackground) {
    this.heard = input.isTTY && !inBackground()
    if (!this.heard) return
    input.on('data', () => this.#wake?.())
    // A terminal that closes says so by a signal too.
    input.on('error', () => undefined)
  }

  /** Resolves when it is pressed next. */
  async pressed(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}

/** A job in the background (`dure dev &`) is suspended when it reads from the terminal, so it must not. */
function isInBackground(): boolean {
  if (process.platform === 'win32') return false
  const { stdout } = spawnSync('ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)], { encoding: 'utf8' })
  const [group = 0, foreground = 0] = (stdout ?? '').trim().split(/\s+/).map(Number)
  return foreground > 0 && foreground !== group
}
