import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, runNode } from './tool.mjs'

const dist = join(root, 'packages/dure/dist')

export const build = {
  name: 'build',
  about: 'tsc emits the library to packages/dure/dist',
  unit: 'modules',
  async run() {
    rmSync(dist, { recursive: true, force: true })
    const { ok, output } = await runNode([
      'node_modules/typescript/bin/tsc',
      '-p',
      'packages/dure',
      '--pretty',
      'false',
    ])
    const emitted = ok ? readdirSync(dist, { recursive: true }).filter((file) => file.endsWith('.js')) : []
    return { ok, seen: emitted.length, output }
  },
}
