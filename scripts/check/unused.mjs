import { countIn, runNode } from './tool.mjs'

export const unused = {
  name: 'unused',
  about: 'knip finds no unused file, export or dependency, and none that is used but not declared',
  unit: 'files',
  async run() {
    const { ok, output } = await runNode([
      'node_modules/knip/bin/knip.js',
      '--no-progress',
      '--treat-config-hints-as-errors',
      '--performance', // its table is the only place where knip says how many files it has parsed
    ])
    const [report, table = ''] = output.split(/^Name +size .*$/m)
    const hints = table.slice(Math.max(0, table.indexOf('Configuration hints')))
    return { ok, seen: countIn(table, /^walkAST +(\d+)/m), output: `${report}\n${hints}` }
  },
}
