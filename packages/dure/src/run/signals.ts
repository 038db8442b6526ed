/**
 * Calls back once on SIGINT or SIGTERM. A second signal means the user will not wait: the process ends at once. A launcher
 * may pass the signal on while the terminal sends it too, so what comes within 300 ms of the first is the same one.
 */
export function onStopSignal(stop: (signal: NodeJS.Signals) => void): void {
  let first: number | undefined
  const heard = (signal: NodeJS.Signals): void => {
    const at = performance.now()
    if (first === undefined) {
      first = at
      stop(signal)
    } else if (at - first > 300) process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  process.on('SIGINT', heard)
  process.on('SIGTERM', heard)
}
