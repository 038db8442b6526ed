import { withEnvFiles } from '../../host/config/env-files.ts'
import { lookAtConfig, type ProcessConfig } from '../../host/config/process-config.ts'
import { shownOf, type Shown } from '../../host/config/table.ts'
import type { Paint } from '../paint.ts'
import { exits, jsonOption, type Command } from '../command.ts'
import { findEntry, findProject, loadSystem } from '../project/project.ts'

export const config: Command = {
  name: 'config',
  about: 'Shows every variable that the program reads: its value, where it comes from, and what it is for',
  takes: '[system]',
  most: 1,
  options: {
    check: { type: 'boolean', about: 'print only what is wrong, names that nothing reads included' },
    json: jsonOption,
  },
  details: `
The variables are those of Dure, of the settings and of the backing services that the contexts of the system, and the
system itself, declare. The value of a secret is •••, also in JSON. In development .env.local and .env of this folder are
read as the program reads them; NODE_ENV=production dure config shows what it is without.

It exits with 1 where something is wrong, as the program would. With --check also where a variable that begins with DURE_
is set and nothing reads it.
`,
  async run({ arguments: [given], options }, { cwd, env, out, paint }) {
    const system = await loadSystem(findEntry('system', findProject(cwd), cwd, given), cwd)
    const surrounding = withEnvFiles(env, cwd)
    const found = lookAtConfig(system, surrounding.env)
    const shown = shownOf(found.entries, surrounding.files)
    const checks = options['check'] === true
    if (options['json'] === true) out(`${JSON.stringify(asJson(found, shown), null, 2)}\n`)
    else out(checks ? checkText(found, paint) : tableText(found, shown, paint))
    const isWrong = found.problems.length > 0 || (checks && found.warnings.length > 0)
    return isWrong ? exits.failed : exits.ok
  },
}

function asJson({ problems, warnings }: ProcessConfig, variables: readonly Shown[]): object {
  return { variables, problems, warnings }
}

function checkText({ problems, warnings, entries }: ProcessConfig, paint: Paint): string {
  if (problems.length + warnings.length === 0) return `${entries.length} variables, all as they should be.\n`
  return [
    ...problems.map((it) => `${paint('red', 'wrong')}    ${it}`),
    ...warnings.map((it) => `${paint('yellow', 'unknown')}  ${it}`),
    '',
  ].join('\n')
}

function tableText(found: ProcessConfig, shown: readonly Shown[], paint: Paint): string {
  const header = ['variable', 'value', 'from', 'default', 'about']
  const rows = shown.map((it) => [
    it.name,
    it.wrong === undefined ? (it.value ?? '-') : 'wrong',
    it.from,
    it.default ?? '-',
    it.about,
  ])
  const widths = header.map((_, i) => Math.max(...[header, ...rows].map((row) => (row[i] as string).length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => cell.padEnd(widths[i] as number))
      .join('  ')
      .trimEnd()
  const table = [paint('bold', line(header)), ...rows.map(line)]
  const odd = found.problems.length + found.warnings.length > 0 ? ['', checkText(found, paint)] : ['']
  return [...table, ...odd].join('\n')
}
