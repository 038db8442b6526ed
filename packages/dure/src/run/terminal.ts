import { styleText } from 'node:util'
import { plain, type Log } from '../host/log.ts'

type Style = Parameters<typeof styleText>[0]

/** Colours only where somebody looks and has not said no (NO_COLOR, FORCE_COLOR). */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout, validateStream: true })
}

const styles: Readonly<Record<string, Style>> = { debug: 'gray', info: 'cyan', warn: 'yellow', error: 'red' }

/** Log lines for a person at a terminal: the same fields as the JSON lines, on one readable line. */
export function terminalLog(write: (line: string) => void, from: string): Log {
  const order = Object.keys(styles)
  const log: Log = (level, message, fields) => {
    if (order.indexOf(level) < order.indexOf(from)) return
    const { stack, ...rest } = plain(fields)
    const said = Object.entries(rest)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${styled('gray', `${name}=`)}${shown(value)}`)
    write(`${styled(styles[level] as Style, level.padEnd(5))} ${message}  ${said.join(' ')}\n`)
    if (typeof stack === 'string' && level === 'error') write(`${styled('gray', stack)}\n`)
  }
  return Object.assign(log, { quiet: from !== 'debug' })
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /^[\w:/.@-]+$/.test(text) ? text : JSON.stringify(text)
}
