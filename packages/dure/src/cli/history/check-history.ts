import { fault } from '../../kernel/errors/fault.ts'
import type { System } from '../../model/system.ts'
import type { Storage } from '../../ports/store.ts'
import { exits, type Surroundings } from '../command.ts'
import { foldStreams, readLog } from './check-log.ts'
import { Failures, groupText, type FailureGroup } from './failures.ts'

/** What is checked, and how it is told. */
export interface HistoryCheck {
  /** One context; all where absent. */
  readonly context: string | undefined
  /** Whether every aggregate is folded too. */
  readonly fold: boolean
  readonly json: boolean
}

interface Checked {
  readonly context: string
  readonly events: number
  /** Where they were folded. */
  readonly aggregates?: number
}

interface HistoryReport {
  readonly system: string
  readonly contexts: readonly Checked[]
  readonly failing: number
  readonly groups: readonly FailureGroup[]
}

/** Reads the logs of a system as the model does, and tells what it cannot read. Changes nothing. */
export async function checkHistory(
  system: System,
  storage: Storage,
  check: HistoryCheck,
  around: Surroundings,
): Promise<number> {
  const progress = progressOf(around, !check.json && process.stderr.isTTY)
  const failures = new Failures()
  const contexts: Checked[] = []
  for (const context of contextsOf(system, check.context)) {
    const { name } = context
    const store = await storage.openContext(name)
    const report = failures.add.bind(failures)
    const events = await readLog(context, store, report, (n) =>
      progress(`${name}: ${count(n, 'event')} read`),
    )
    const told = (n: number): void => progress(`${name}: ${count(n, 'aggregate')} folded`)
    const aggregates = check.fold ? await foldStreams(context, store, report, told) : undefined
    contexts.push({ context: name, events, ...(aggregates !== undefined && { aggregates }) })
  }
  progress('')
  const report = { system: system.name, contexts, failing: failures.count, groups: failures.groups }
  if (check.json) around.out(`${JSON.stringify(report, null, 2)}\n`)
  else print(report, around)
  return failures.count === 0 ? exits.ok : exits.failed
}

function contextsOf(system: System, wanted: string | undefined): System['contexts'] {
  if (wanted === undefined) return system.contexts
  const found = system.contexts.filter(({ name }) => name === wanted)
  if (found.length > 0) return found
  const known = system.contexts.map(({ name }) => name).join(', ')
  const problem = `${system.name} has no context ${wanted}.`
  throw fault('DURE_CLI_USAGE', { problem, usage: `Contexts are ${known}.` })
}

function print({ system, contexts, failing, groups }: HistoryReport, { out, paint }: Surroundings): void {
  for (const it of groups) out(groupText(it, paint))
  const all = contexts.reduce((sum, it) => sum + it.events, 0)
  const verdict =
    failing === 0 ? paint('green', 'all can be read') : paint('red', `${failing} cannot be read`)
  const folded = contexts.flatMap((it) => it.aggregates ?? [])
  const more =
    folded.length === 0
      ? ''
      : `, ${count(
          folded.reduce((a, b) => a + b),
          'aggregate',
        )} folded`
  out(`${system}: ${verdict}; ${count(all, 'event')} in ${count(contexts.length, 'context')}${more}\n`)
}

// One line, written again and again; an empty text takes it away.
function progressOf({ err }: Surroundings, terminal: boolean): (text: string) => void {
  let shown = 0
  return (text) => {
    const now = Date.now()
    if (!terminal || (text !== '' && now - shown < 100)) return
    shown = now
    err(`\r${text}\u001b[K`)
  }
}

const count = (n: number, what: string): string => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`
