import { readdirSync, rmSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root, runNode } from './tool.mjs'

const dist = join(root, 'packages/dure/dist')

export const build = {
  name: 'build',
  about: 'tsc emits the library to packages/dure/dist',
  unit: 'modules',
  async run() {
    const args = ['-p', 'packages/dure', '--pretty', 'false', '--listEmittedFiles']
    const { ok, output } = await runNode(['node_modules/typescript/bin/tsc', ...args])
    const emitted = new Set(
      [...output.matchAll(/^TSFILE: (.+)$/gm)].map(([, file]) => relative(dist, file.trim())),
    )
    if (ok) removeAllBut(emitted)
    return {
      ok,
      seen: [...emitted].filter((file) => file.endsWith('.js')).length,
      output: output.replace(/^TSFILE: .*\n?/gm, ''),
    }
  },
}

/** A module that was renamed would otherwise stay in dist, and be published. */
function removeAllBut(emitted) {
  for (const file of readdirSync(dist, { recursive: true })) {
    if (!emitted.has(file) && statSync(join(dist, file)).isFile()) rmSync(join(dist, file))
  }
}
