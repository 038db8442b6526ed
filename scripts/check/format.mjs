import { countIn, runNode } from './tool.mjs'

export const format = {
  name: 'format',
  about: 'oxfmt would change nothing (npm run format writes it)',
  unit: 'files',
  async run() {
    const { ok, output } = await runNode(['node_modules/oxfmt/bin/oxfmt', '--check', '.'])
    return { ok, seen: countIn(output, /on (\d+) files/), output }
  },
}
