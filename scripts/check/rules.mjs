import { countIn, runNode } from './tool.mjs'

export const rules = {
  name: 'rules',
  about: 'the tests about the code itself: rooms, error catalogue, docs snippets',
  unit: 'tests',
  async run() {
    const { ok, output } = await runNode(['node_modules/vitest/vitest.mjs', 'run', '--project', 'check'])
    return { ok, seen: countIn(output, /Tests\s+(\d+) passed/), output }
  },
}
