import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs a Node script of the repository or of a tool in node_modules; resolves to its exit code and output. */
export function runNode(args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.once('error', reject)
    // Some tools colour whatever CI is set; steps read their counts from plain text.
    child.once('close', (code) => resolve({ ok: code === 0, output: stripVTControlCharacters(output) }))
  })
}

/** The number that `pattern`'s first group finds in `text`, 0 when it finds none. */
export function countIn(text, pattern) {
  return Number(pattern.exec(text)?.[1] ?? 0)
}
