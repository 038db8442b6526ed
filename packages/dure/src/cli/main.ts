#!/usr/bin/env node
import { exits } from './command.ts'
import { lackOf } from './needed-node.ts'

// An older Node cannot even load the rest, so it is asked for only when this one can.
const lack = lackOf(process.versions.node)
if (lack === undefined) {
  const { runShell } = await import('./shell.ts')
  await runShell()
} else {
  process.stderr.write(`${lack}\n`)
  process.exitCode = exits.usage
}
