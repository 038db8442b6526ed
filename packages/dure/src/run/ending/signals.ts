/** What a process does about being told to stop. */
export interface OnStop {
  /** Once, at the first signal. */
  readonly first: (signal: NodeJS.Signals) => void
  /** At a second one: the user will not wait. The process ends after it. */
  readonly second: (signal: NodeJS.Signals) => void
}

/**
 * Listens to SIGINT and SIGTERM. A launcher may pass the signal on while the terminal sends it too, so what comes within
 * 300 ms of the first is the same one. After a second one the process ends at once, with 130 or 143 as a shell would say it.
 */
export function onStopSignal({ first, second }: OnStop): void {
  let at: number | undefined
  const heard = (signal: NodeJS.Signals): void => {
    const now = performance.now()
    if (at === undefined) {
      at = now
      first(signal)
    } else if (now - at > 300) {
      second(signal)
      process.exit(signal === 'SIGINT' ? 130 : 143)
    }
  }
  process.on('SIGINT', heard)
  process.on('SIGTERM', heard)
}
