import { join, relative } from 'node:path'
import { sameJson, type Json } from '../../kernel/json.ts'
import { finding, type Finding } from '../../model/check/finding.ts'
import { brokenPromises } from '../../model/promises/broken-promises.ts'
import { contractShapes, type ContractShapes } from '../../model/promises/contract-shapes.ts'
import type { System } from '../../model/system.ts'
import type { ContractPackage } from '../source/packages/contract-packages.ts'
import { manifestOf } from '../source/resolve-import.ts'
import { contractFile, readContracts, writeContracts, type RecordedContracts } from './contract-file.ts'

/** What a check says of the record in a contract package. */
export interface ContractReport {
  readonly file: string
  /** Contexts whose contract promises more than is recorded. */
  readonly unrecorded: readonly string[]
  /** What this check has written. */
  readonly recorded?: { readonly release: string; readonly contexts: readonly string[] }
}

/** The records of the contract packages, held against the contracts. */
export interface HeldContracts {
  readonly findings: readonly Finding[]
  readonly reports: readonly ContractReport[]
  /** Writes what the contracts of this repository promise now. */
  record(release: string): readonly ContractReport[]
}

interface Held {
  readonly folder: string
  readonly file: string
  readonly known: RecordedContracts | undefined
  readonly own: ReadonlyMap<string, ContractShapes>
  readonly fresh: readonly string[]
}

/**
 * Reads the records of contract packages and holds the contracts against them: those of this repository promise all that was
 * recorded, those of others are of the same system. With `strict`, what is not recorded is a warning.
 * @throws DURE_JOIN_FILE
 */
export function holdContracts(
  system: System,
  packages: readonly ContractPackage[],
  cwd: string,
  strict: boolean,
): HeldContracts {
  const findings: Finding[] = []
  for (const { folder } of packages.filter((it) => it.foreign)) {
    const file = shown(folder, cwd)
    const there = readContracts(folder, file)?.system ?? system.name
    if (there !== system.name) findings.push(finding('DURE_JOIN_SYSTEM', file, { here: system.name, there }))
  }
  const own = Map.groupBy(
    packages.filter((it) => !it.foreign),
    (it) => it.folder,
  )
  const held = [...own].map(([folder, contracts]) => heldIn(folder, contracts, cwd))
  for (const it of held) {
    findings.push(...brokenIn(it))
    if (!strict) continue
    for (const context of it.fresh) {
      findings.push(finding('DURE_CONTRACT_UNRECORDED', it.file, { context, file: contractFile }, 'warning'))
    }
  }
  return {
    findings,
    reports: held.map(({ file, fresh }) => ({ file, unrecorded: fresh })),
    record: (release) => held.map((it) => recordedIn(it, system.name, release)),
  }
}

const shown = (folder: string, cwd: string): string => relative(cwd, join(folder, contractFile))

function heldIn(folder: string, contracts: readonly ContractPackage[], cwd: string): Held {
  const file = shown(folder, cwd)
  const known = readContracts(folder, file)
  const own = new Map(contracts.map(({ context }) => [context.name, contractShapes(context.contract)]))
  const fresh = [...own].filter(([name, shapes]) => {
    const recorded = known?.contexts[name]?.shapes
    return recorded === undefined || !sameJson(recorded as unknown as Json, shapes as unknown as Json)
  })
  return { folder, file, known, own, fresh: fresh.map(([name]) => name) }
}

function* brokenIn({ file, known, own }: Held): Generator<Finding> {
  for (const [context, shapes] of own) {
    const recorded = known?.contexts[context]
    if (recorded === undefined) continue
    for (const { what, problem } of brokenPromises(recorded.shapes, shapes)) {
      const details = { context, what, problem, since: recorded.since, file }
      yield finding('DURE_CONTRACT_BROKEN', `${context}, contract ${what}`, details)
    }
  }
}

function recordedIn(
  { folder, file, known, own, fresh }: Held,
  system: string,
  given: string,
): ContractReport {
  // A contract package has releases of its own.
  const version = manifestOf(join(folder, 'package.json'))?.json['version']
  const release = typeof version === 'string' && version !== '' ? version : given
  if (fresh.length > 0) {
    const now = fresh.map((it) => [it, { since: release, shapes: own.get(it) as ContractShapes }] as const)
    const contexts = { ...known?.contexts, ...Object.fromEntries(now) }
    writeContracts(folder, { format: 'dure-contract/1', system, contexts })
  }
  return { file, unrecorded: [], recorded: { release, contexts: fresh } }
}
