#!/usr/bin/env node
// `npm run check`: every check that is not a behaviour test, two at a time, one line each.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { printOutcome, printUsage } from './check/report.mjs'
import { schedule } from './check/schedule.mjs'
import { steps } from './check/steps.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h', default: false }, summary: { type: 'string' } },
})
const unknown = positionals.filter((name) => !steps.some((step) => step.name === name))
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`no such step: ${unknown.join(', ')}`)
  printUsage(steps)
  process.exit(unknown.length > 0 ? 2 : 0)
}

const wanted = positionals.length > 0 ? positionals : steps.map((step) => step.name)
const outcomes = await schedule(steps, wanted, Math.min(2, availableParallelism()), printOutcome)
const failed = outcomes.filter((outcome) => !outcome.ok)
console.log(
  failed.length === 0
    ? `check: all ${outcomes.length} steps ok`
    : `check: ${failed.length} of ${outcomes.length} steps failed: ${failed.map((it) => it.name).join(', ')}`,
)
if (values.summary) {
  const { writeFileSync } = await import('node:fs')
  writeFileSync(values.summary, `${JSON.stringify(outcomes.map(({ name, ok }) => ({ name, ok })))}\n`)
}
process.exitCode = failed.length > 0 ? 1 : 0
