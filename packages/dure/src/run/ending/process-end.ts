import type { Log } from '../../host/log.ts'
import { isDureError } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { Opened, Stopped } from './opened.ts'
import { onStopSignal } from './signals.ts'
import { styled } from '../terminal.ts'

/** What the end of a process needs to tell of it. */
export interface Telling {
  log: Log
  /** Takes secrets out of a text. */
  redact: (text: string) => string
}

/**
 * Closes what is open at SIGINT or SIGTERM and ends the process: with 0 when everything ended by itself, with 1 when
 * something had to be cut off or failed. A second signal ends it at once, and says what was not done.
 */
export function endOnSignal(opened: Opened, telling: Telling): void {
  onStopSignal({
    first(signal) {
      telling.log('info', 'stopping', { signal, budgetMs: opened.budgetMs })
      void opened.close().then((stopped) => {
        if (stopped.failed !== undefined) fail(stopped.failed.error, telling)
        ended(stopped, opened.budgetMs, telling)
      })
    },
    second(signal) {
      const undone = opened.unfinished
      process.stderr.write(
        `${styled('yellow', signal)} again: ending at once${undone.length > 0 ? `, not finished: ${undone.join('; ')}` : ''}\n`,
      )
    },
  })
}

function ended({ cut }: Stopped, budgetMs: number, telling: Telling): void {
  if (cut.length === 0) {
    telling.log('info', 'stopped', {})
    return leave(0)
  }
  const error = fault('DURE_SHUTDOWN_CUT', { budgetMs, cut })
  telling.log('error', 'stopped', { error })
  fail(error, telling)
}

/** Says what went wrong and what to do, and ends the process with 1. */
export function fail(error: unknown, { redact }: Pick<Telling, 'redact'>): never {
  if (isDureError(error)) {
    const { code, message, hint } = error
    process.stderr.write(redact(`${styled('red', code)} ${message}\n${styled('gray', 'hint')} ${hint}\n`))
  } else {
    process.stderr.write(
      redact(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`),
    )
  }
  process.exit(1)
}

// Where the output is a pipe, what was logged last may still be on its way.
function leave(code: number): void {
  process.stdout.write('', () => process.exit(code))
}
