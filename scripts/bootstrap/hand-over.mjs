import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** Runs `node args` in this process's place; resolves to the exit code. */
export function handOver(node, args, options) {
  const child = spawn(node, args, { ...options, stdio: 'inherit' })
  const forward = (signal) => {
    // Ctrl-C in a terminal reaches the whole foreground group, and npm passes it on once more: the child has
    // it already, and a second SIGINT commonly means "stop without waiting".
    if (signal === 'SIGINT' && process.stdin.isTTY) return
    child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, forward)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      for (const it of signals) process.off(it, forward)
      resolve(signal ? 128 + constants.signals[signal] : (code ?? 1))
    })
  })
}
