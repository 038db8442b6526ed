import { spawn } from 'node:child_process'

/** Runs a command and resolves to its exit code and output; a command that is not there gives code 127. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    // In a folder every user may enter: some tools refuse to start elsewhere.
    const child = spawn(command, args, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let output = ''
    child.stdout?.on('data', (chunk) => (output += chunk))
    child.stderr?.on('data', (chunk) => (output += chunk))
    child.once('error', (error) => {
      if (error.code === 'ENOENT') resolve({ code: 127, output: `there is no ${command}` })
      else reject(error)
    })
    child.once('close', (code) => resolve({ code: code ?? 1, output: output.trim() }))
  })
}

export const isRoot = process.getuid?.() === 0
