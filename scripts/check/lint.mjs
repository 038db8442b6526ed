import { countIn, runNode } from './tool.mjs'

export const lint = {
  name: 'lint',
  about: 'oxlint with type-aware rules; a warning fails too',
  unit: 'files',
  async run() {
    const { ok, output } = await runNode(['node_modules/oxlint/bin/oxlint', '--deny-warnings'])
    return { ok, seen: countIn(output, /on (\d+) files/), output }
  },
}
