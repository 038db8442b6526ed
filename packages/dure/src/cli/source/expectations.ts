import { basename, dirname, join, relative, sep } from 'node:path'
import { finding } from '../../model/check/finding.ts'
import type { System } from '../../model/system.ts'
import type { Home } from './context-homes.ts'
import { isTest } from './layers.ts'
import type { Module } from './module-graph.ts'
import type { SourceFinding } from './source-finding.ts'

/**
 * In a customer-supplier relation the supplier's suite holds what the customer expects: a test in the supplier's
 * `expectations/` that bears the customer's name, or a test of the supplier that imports the customer's
 * `expectations/<supplier>.ts`.
 */
export function* expectationsHeld(
  system: System,
  homes: readonly Home[],
  modulesOf: (home: Home) => readonly Module[],
): Generator<SourceFinding> {
  for (const relation of system.map) {
    if (!('upstream' in relation) || relation.as !== 'customer-supplier') continue
    const [supplier, customer] = [relation.upstream, relation.downstream].map((it) =>
      homes.find(({ context }) => context.name === it.name),
    )
    const folder = supplier?.folders[0]
    if (supplier === undefined || customer === undefined || folder === undefined) continue
    const tests = modulesOf(supplier).filter((it) => isTest(it.file))
    const names = { supplier: supplier.context.name, customer: customer.context.name }
    if (tests.some((it) => holds(it, names, customer))) continue
    const file = join(folder, 'expectations', `${kebab(names.customer)}.test.ts`)
    const missing = `No test of ${names.supplier}, the supplier, holds what ${names.customer}, its customer, expects.`
    const details = { ...names, file: relative(process.cwd(), file), missing }
    yield { ...finding('DURE_SOURCE_EXPECTATIONS', '', details), file: folder, line: 0 }
  }
}

function holds(test: Module, names: { supplier: string; customer: string }, customer: Home): boolean {
  if (isExpectationOf(test.file, names.customer)) return true
  return test.edges.some(({ target }) => {
    if (target.kind !== 'file' || !isExpectationOf(target.file, names.supplier)) return false
    return customer.folders.some((it) => target.file.startsWith(it + sep))
  })
}

function isExpectationOf(file: string, name: string): boolean {
  const [stem = ''] = basename(file).split('.')
  return (
    basename(dirname(file)) === 'expectations' &&
    stem.replaceAll('-', '').toLowerCase() === name.toLowerCase()
  )
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase()
}
