import { relative } from 'node:path'
import { fault } from '../../kernel/errors/fault.ts'
import { checkModel } from '../../model/check/check-model.ts'
import type { Finding } from '../../model/check/finding.ts'
import { exits, jsonOption, type Command, type Surroundings } from '../command.ts'
import { findEntry, findProject, loadSystem } from '../project/project.ts'
import { checkSources } from '../source/check-sources.ts'
import { importConditions } from '../source/resolve-import.ts'

/** A finding as it is reported; `file` and `line` where it is about a file. */
interface Reported extends Finding {
  readonly file?: string
  readonly line?: number
}

interface Report {
  readonly system: string
  readonly contexts: number
  readonly files: number
  readonly findings: readonly Reported[]
}

export const check: Command = {
  name: 'check',
  about: 'Checks the model, and the files of its contexts against their layers and the context map',
  takes: '[system]',
  most: 1,
  options: {
    json: jsonOption,
    strict: { type: 'boolean', about: 'let warnings fail too' },
  },
  details: `
The module that exports the system is package.json's "dure": { "system" }, else src/system.ts.

Files below domain/ import only dure, pure packages, their own domain and contract, and the kernels that
the context map shares; app/ also domain/; api/ also app/. No file of a context imports anything of another
but its contract. "dure": { "pure": ["…"] } in package.json names more packages that only compute.
A policy, view, translator or aggregate that a context's file exports and no context lists is a warning.
dure explain <CODE> says more about a finding.
`,
  async run({ arguments: [given], options }, around) {
    const { cwd, env } = around
    const project = findProject(cwd)
    const systemFile = findEntry('system', project, cwd, given)
    const system = await loadSystem(systemFile, cwd)
    const conditions = importConditions(process.execArgv, env['NODE_OPTIONS'])
    const sources = await checkSources(system, { root: project.root, systemFile, conditions })
    if (sources.files === 0) throw fault('DURE_CLI_NOTHING_READ', { root: project.root })
    const placed = sources.findings.map((it) => placedIn(cwd, it))
    const report: Report = {
      system: system.name,
      contexts: system.contexts.length,
      files: sources.files,
      findings: [...checkModel(system), ...placed],
    }
    if (options['json'] === true) around.out(`${JSON.stringify(report, null, 2)}\n`)
    else print(report, around)
    const failing = report.findings.filter((it) => it.level === 'error' || options['strict'] === true)
    return failing.length === 0 ? exits.ok : exits.failed
  },
}

function placedIn(cwd: string, it: Finding & { readonly file: string; readonly line: number }): Reported {
  const file = relative(cwd, it.file) || '.'
  const { line, ...rest } = it
  return line === 0 ? { ...rest, where: file, file } : { ...rest, where: `${file}:${line}`, file, line }
}

function print({ system, contexts, files, findings }: Report, { out, paint }: Surroundings): void {
  for (const { code, level, where, message, fix } of findings) {
    out(`${paint(level === 'error' ? 'red' : 'yellow', code)} ${paint('bold', where)}\n`)
    out(`  ${message}\n  ${paint('gray', `fix: ${fix}`)}\n\n`)
  }
  const errors = findings.filter((it) => it.level === 'error').length
  const warnings = findings.length - errors
  const verdict = errors > 0 ? paint('red', count(errors, 'error')) : paint('green', 'no errors')
  const rest = warnings > 0 ? `, ${paint('yellow', count(warnings, 'warning'))}` : ''
  out(`${system}: ${verdict}${rest} in ${count(contexts, 'context')}, ${count(files, 'file')}\n`)
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
