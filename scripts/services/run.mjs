import { spawn } from 'node:child_process'

/** Runs a command and resolves to its exit code and output; `user` runs it as that user, which root may. */
export function run(command, args, { user, ...options } = {}) {
  const [file, ...rest] = user ? ['runuser', '-u', user, '--', command, ...args] : [command, ...args]
  return new Promise((resolve, reject) => {
    // In a folder every user may enter: some tools refuse to start elsewhere.
    const child = spawn(file, rest, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let output = ''
    child.stdout?.on('data', (chunk) => (output += chunk))
    child.stderr?.on('data', (chunk) => (output += chunk))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 1, output: output.trim() }))
  })
}

export const isRoot = process.getuid?.() === 0
