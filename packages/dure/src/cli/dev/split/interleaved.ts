import type { Surroundings } from '../../command.ts'

const colours = ['cyan', 'magenta', 'yellow', 'green', 'blue', 'red'] as const
/** Levels of a person's interest: what is only information would bury the rest. */
const quiet = new Set(['debug', 'info'])

/** What several programs print, line by line, each with the name of its program before it. */
export class Interleaved {
  readonly #around: Surroundings
  readonly #names: readonly string[]
  readonly #width: number

  constructor(names: readonly string[], around: Surroundings) {
    this.#names = names
    this.#around = around
    this.#width = Math.max(...names.map((it) => it.length))
  }

  /** Takes what one of them prints, in pieces as they come; a line is printed when it has ended. */
  of(name: string): (chunk: Buffer) => void {
    let rest = ''
    return (chunk) => {
      const lines = (rest + chunk.toString('utf8')).split('\n')
      rest = lines.pop() ?? ''
      for (const it of lines) if (it.trim() !== '') this.line(name, it)
    }
  }

  line(name: string, text: string): void {
    const { out, paint } = this.#around
    const said = this.#readable(text)
    if (said === undefined) return
    const colour = colours[this.#names.indexOf(name) % colours.length] ?? 'gray'
    out(`${paint(colour, `${name.padEnd(this.#width)} |`)} ${said}\n`)
  }

  /** A log line as a person reads it; undefined for what is of no interest at a terminal. */
  #readable(text: string): string | undefined {
    const { paint, env } = this.#around
    const line = parsed(text)
    if (line === undefined) return text
    const { level, message, time: _, stack: _stack, ...fields } = line
    if (message === 'listening') return `listening on ${String(fields['url'])}`
    if (quiet.has(String(level)) && env['DURE_LOG'] !== level && env['DURE_LOG'] !== 'debug') return undefined
    const more = Object.entries(fields).map(
      ([key, value]) =>
        `${paint('gray', `${key}=`)}${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    const style = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'cyan'
    return `${paint(style, String(level).padEnd(5))} ${String(message)}  ${more.join(' ')}`
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const line = JSON.parse(text) as Readonly<Record<string, unknown>>
    return 'level' in line && 'message' in line ? line : undefined
  } catch {
    return undefined
  }
}
