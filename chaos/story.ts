import { readFileSync, writeFileSync } from 'node:fs'
import type { Violation } from './audit/violation.ts'

const linesShown = 40

/** What happened in a run, in order of time. */
export class Story {
  readonly #begun = Date.now()
  readonly #lines: { readonly at: number; readonly text: string }[] = []
  readonly #hear: (text: string) => void

  constructor(hear: (text: string) => void) {
    this.#hear = hear
  }

  readonly tell = (text: string): void => {
    this.#lines.push({ at: Date.now(), text })
    this.#hear(`${this.#seconds(Date.now())}  ${text}`)
  }

  /** Writes the time line, what the audit has found, and what the processes logged around it. */
  write(
    file: string,
    head: readonly string[],
    found: readonly Violation[],
    logs: Readonly<Record<string, string>>,
  ): void {
    const timeline = this.#lines.map(({ at, text }) => `${this.#seconds(at)}  ${text}`)
    const sections = [...head, '', 'What happened:', ...timeline.map((it) => `  ${it}`)]
    if (found.length > 0) {
      const told = this.#lines.map((it) => ({ ...it, process: 'run', isTelling: true }))
      const lines = [...told, ...linesOf(logs)].toSorted((a, b) => a.at - b.at)
      sections.push('', `What the audit found (${found.length}):`)
      for (const [i, it] of found.slice(0, 200).entries()) {
        const when = it.at === undefined ? '' : ` (${this.#seconds(it.at)})`
        sections.push(`  ${i + 1}. ${it.check}: ${it.what}${when}`)
      }
      for (const [i, it] of found.slice(0, 20).entries()) {
        sections.push('', `Around ${i + 1}. ${it.check}: ${it.what}`, ...this.#around(it, lines))
      }
    }
    writeFileSync(file, `${sections.join('\n')}\n`)
  }

  #around({ at, about = [] }: Violation, lines: readonly LogLine[]): readonly string[] {
    const far = (it: LogLine): number => (at === undefined ? 0 : Math.abs(it.at - at))
    const near = lines.filter(
      (it) =>
        (far(it) < 20_000 && about.some((word) => it.text.includes(word))) ||
        (at !== undefined && far(it) < 1500 && it.isTelling),
    )
    const shown = near
      .toSorted((a, b) => far(a) - far(b))
      .slice(0, linesShown)
      .toSorted((a, b) => a.at - b.at)
      .map((it) => `  ${this.#seconds(it.at)}  ${it.process.padEnd(8)}  ${it.text.slice(0, 400)}`)
    if (near.length > shown.length) shown.push(`  … and ${near.length - shown.length} more`)
    return shown.length > 0 ? shown : ['  (nothing in the logs)']
  }

  #seconds(at: number): string {
    return `${((at - this.#begun) / 1000).toFixed(2).padStart(7)} s`
  }
}

interface LogLine {
  readonly at: number
  readonly process: string
  readonly text: string
  /** Worth showing for its time alone. */
  readonly isTelling: boolean
}

function linesOf(logs: Readonly<Record<string, string>>): readonly LogLine[] {
  return Object.entries(logs).flatMap(([process, file]) => {
    let at = 0
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((text) => text !== '')
      .map((text): LogLine => {
        const time = /"time":"([^"]+)"/.exec(text)?.[1]
        // What has no time of its own belongs to what stands before it.
        if (time !== undefined) at = Date.parse(time)
        const isTelling = !/"level":"(info|debug)"/.test(text)
        return { at, process, text, isTelling }
      })
  })
}
