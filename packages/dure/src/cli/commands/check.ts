import { relative } from 'node:path'
import { checkPersistence } from '../../app/open-contexts.ts'
import { fault } from '../../kernel/errors/fault.ts'
import { checkModel } from '../../model/check/check-model.ts'
import type { Finding } from '../../model/check/finding.ts'
import { listRoutes, routesText, routesVerdict, type ListedRoute } from '../access/list-routes.ts'
import { exits, jsonOption, type Command, type Surroundings } from '../command.ts'
import { checkSchedules } from '../jobs/check-schedules.ts'
import { loadPersistence } from '../project/load-persistence.ts'
import { holdContracts, type ContractReport } from '../repositories/hold-contracts.ts'
import { joinedWith, withOption } from '../repositories/model-files.ts'
import { findEntry, findProject, loadSystem } from '../project/project.ts'
import { holdShapes, releaseOf, type ShapesReport } from '../shapes/hold-shapes.ts'
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
  /** Everything that the system answers, and who may. */
  readonly routes: readonly ListedRoute[]
  /** Where shapes of events are recorded. */
  readonly shapes?: ShapesReport
  /** Where contracts are recorded that have packages of their own. */
  readonly contracts?: readonly ContractReport[]
  /** With --with: the system that the repositories make together. */
  readonly joined?: { readonly models: number; readonly contexts: readonly string[] }
}

export const check: Command = {
  name: 'check',
  about: 'Checks the model, and the files of its contexts against their layers and the context map',
  takes: '[system]',
  most: 1,
  options: {
    json: jsonOption,
    routes: { type: 'boolean', about: 'list every route, with who may use it' },
    strict: { type: 'boolean', about: 'let warnings fail too' },
    record: {
      type: 'boolean',
      about:
        'add to dure.shapes.json what events look like in this release; to dure.contract.json what contracts promise',
    },
    release: { type: 'string', value: 'version', about: 'with --record: the release; else of package.json' },
    with: withOption,
  },
  details: `
The module that exports the system is package.json's "dure": { "system" }, else src/system.ts. How aggregates are kept
is checked against it: "dure": { "persistence" }, else src/persistence.ts.

Files below domain/ import only dure, pure packages, their own domain and contract, and the kernels that
the context map shares; app/ also domain/; api/ also app/. No file of a context imports anything of another
but its contract. "dure": { "pure": ["…"] } in package.json names more packages that only compute.
A policy, view, job, poller, translator or aggregate that a context's file exports and no context lists is a warning.

As soon as one command or query says by allow who may use it, all have to. --routes lists what each says.

dure.shapes.json beside package.json holds what events looked like, release by release. Where it is there, every
recorded version of every event must still be read. --record adds what is new, if the check finds no error; what
is recorded is never changed. Commit the file.

A contract in a package of its own holds shapes only, and keeps what dure.contract.json beside its package.json says
that it has promised; --record writes what it promises now. --with joins the models of other repositories: each context
has one owner, who keeps the contract that the others were written against, and the context maps agree.
dure explain <CODE> says more about a finding.
`,
  async run({ arguments: [given], options, lists }, around) {
    const { cwd, env } = around
    const [record, strict] = [options['record'] === true, options['strict'] === true]
    const project = findProject(cwd)
    const release = releaseToRecord(project.root, record, options['release'] as string | undefined)
    const systemFile = findEntry('system', project, cwd, given)
    const system = await loadSystem(systemFile, cwd)
    checkPersistence(system, await loadPersistence(project, cwd))
    const conditions = importConditions(process.execArgv, env['NODE_OPTIONS'])
    const sources = await checkSources(system, { root: project.root, systemFile, conditions })
    if (sources.files === 0) throw fault('DURE_CLI_NOTHING_READ', { root: project.root })
    const placed = sources.findings.map((it) => placedIn(cwd, it))
    const held = holdShapes(system, project.root, strict && !record)
    const contracts = holdContracts(system, sources.packages, cwd, strict && !record)
    const others = lists['with'] ?? []
    const joined =
      others.length === 0 ? undefined : joinedWith(system, relative(cwd, systemFile), others, cwd)
    const findings = [
      ...checkModel(system),
      ...checkSchedules(system),
      ...held.findings,
      ...contracts.findings,
      ...(joined?.findings ?? []),
      ...placed,
    ]
    const failed = findings.some((it) => it.level === 'error' || strict)
    const shapes = release === undefined || failed ? held.report : held.record(release)
    const packed = release === undefined || failed ? contracts.reports : contracts.record(release)
    const report: Report = {
      system: system.name,
      contexts: system.contexts.length,
      files: sources.files,
      findings,
      routes: listRoutes(system),
      ...(shapes && { shapes }),
      ...(packed.length > 0 && { contracts: packed }),
      ...(joined && {
        joined: { models: others.length + 1, contexts: joined.model.contexts.map((it) => it.name) },
      }),
    }
    if (options['json'] === true) around.out(`${JSON.stringify(report, null, 2)}\n`)
    else print(report, around, options['routes'] === true)
    if (record && failed) around.err('Nothing is recorded while the check fails.\n')
    return failed ? exits.failed : exits.ok
  },
}

function releaseToRecord(root: string, record: boolean, given: string | undefined): string | undefined {
  if (record) return releaseOf(root, given)
  if (given === undefined) return undefined
  const problem = '--release says which release is recorded, and nothing is.'
  throw fault('DURE_CLI_USAGE', { problem, usage: 'dure check --record --release 1.4.0' })
}

function placedIn(cwd: string, it: Finding & { readonly file: string; readonly line: number }): Reported {
  const file = relative(cwd, it.file) || '.'
  const { line, ...rest } = it
  return line === 0 ? { ...rest, where: file, file } : { ...rest, where: `${file}:${line}`, file, line }
}

function print(report: Report, { out, paint }: Surroundings, routes: boolean): void {
  const { system, contexts, files, findings, shapes } = report
  for (const { code, level, where, message, fix } of findings) {
    out(`${paint(level === 'error' ? 'red' : 'yellow', code)} ${paint('bold', where)}\n`)
    out(`  ${message}\n  ${paint('gray', `fix: ${fix}`)}\n\n`)
  }
  if (routes) out(`${routesText(report.routes, paint)}\n`)
  const errors = findings.filter((it) => it.level === 'error').length
  const warnings = findings.length - errors
  const verdict = errors > 0 ? paint('red', count(errors, 'error')) : paint('green', 'no errors')
  const rest = warnings > 0 ? `, ${paint('yellow', count(warnings, 'warning'))}` : ''
  out(`${system}: ${verdict}${rest} in ${count(contexts, 'context')}, ${count(files, 'file')}\n`)
  out(routesVerdict(report.routes))
  if (shapes !== undefined) out(shapesText(shapes))
  for (const it of report.contracts ?? []) out(contractText(it))
  const { joined } = report
  if (joined) out(`Joined of ${joined.models} models: ${joined.contexts.join(', ')}\n`)
}

function shapesText({ file, unrecorded, recorded }: ShapesReport): string {
  if (recorded !== undefined) {
    const { release, added } = recorded
    const lines = added.map((it) => `  ${it}\n`).join('')
    return added.length === 0
      ? `Nothing new to record in ${file} for ${release}\n`
      : `Recorded in ${file} for ${release}:\n${lines}`
  }
  if (unrecorded.length === 0) return ''
  return `Not recorded yet: ${count(unrecorded.length, 'version')} of events; dure check --record adds them to ${file}\n`
}

function contractText({ file, unrecorded, recorded }: ContractReport): string {
  if (recorded === undefined) {
    return unrecorded.length === 0
      ? ''
      : `Not recorded as it is: the contract of ${unrecorded.join(', ')}; dure check --record writes it to ${file}\n`
  }
  const { release, contexts } = recorded
  return contexts.length === 0
    ? `Nothing new to record in ${file}\n`
    : `Recorded in ${file} for ${release}: the contract of ${contexts.join(', ')}\n`
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
