import { spawn } from 'node:child_process'
import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const ORPHAN_CHECK_MS = 250

/** Runs `node args` in this process's place; resolves to the exit code. */
export function handOver(node, args, options) {
  const child = spawn(node, args, { ...options, stdio: 'inherit' })
  const forward = (signal) => {
    // Ctrl-C in a terminal reaches the whole foreground group, and npm passes it on once more: the child has
    // it already, and a second SIGINT commonly means "stop without waiting".
    if (signal === 'SIGINT' && process.stdin.isTTY) return
    child.kill(signal)
  }
  for (const signal of SIGNALS) process.on(signal, forward)
  const watch = process.env.npm_lifecycle_event ? stopWhenOrphaned(child) : undefined
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      clearInterval(watch)
      for (const it of SIGNALS) process.off(it, forward)
      resolve(signal ? 128 + constants.signals[signal] : (code ?? 1))
    })
  })
}

/** npm starts scripts through a shell, and that dies of npm's SIGTERM without passing it on. */
function stopWhenOrphaned(child) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    child.kill('SIGTERM')
  }, ORPHAN_CHECK_MS)
  return watch
}
