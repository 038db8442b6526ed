import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fault } from '../../kernel/errors/fault.ts'
import { wrongShapes, type ContractShapes } from '../../model/promises/contract-shapes.ts'

/** Stands beside the package.json of a contract package and is shipped in it: what the contract promises. */
export const contractFile = 'dure.contract.json'

/** What the contracts of a package promise, and since which release. */
export interface RecordedContracts {
  readonly format: 'dure-contract/1'
  readonly system: string
  readonly contexts: Readonly<Record<string, { readonly since: string; readonly shapes: ContractShapes }>>
}

/**
 * What is recorded in a package; undefined where there is no file.
 * @param shown how the file is called in messages
 * @throws DURE_JOIN_FILE
 */
export function readContracts(folder: string, shown: string): RecordedContracts | undefined {
  const wrong = (reason: string, cause?: unknown): Error =>
    fault('DURE_JOIN_FILE', { file: shown, reason }, cause)
  let text: string
  try {
    text = readFileSync(join(folder, contractFile), 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw wrong(message, error)
  }
  const reason = whyWrong(text)
  if (reason !== undefined) throw wrong(reason)
  return JSON.parse(text) as RecordedContracts
}

function whyWrong(text: string): string | undefined {
  let it: Partial<RecordedContracts> | null
  try {
    it = JSON.parse(text) as Partial<RecordedContracts> | null
  } catch (error) {
    return `it is not JSON: ${(error as Error).message}`
  }
  if (it?.format !== 'dure-contract/1') return 'its format is not dure-contract/1'
  if (typeof it.system !== 'string' || typeof it.contexts !== 'object' || it.contexts === null) {
    return 'it says no system, or no contexts'
  }
  for (const [name, recorded] of Object.entries(it.contexts)) {
    if (typeof recorded?.since !== 'string') return `contexts.${name} does not say since when`
    const reason = wrongShapes(recorded.shapes)
    if (reason !== undefined) return `contexts.${name}: ${reason}`
  }
  return undefined
}

/** Replaces the file as a whole: an interrupted write leaves the one before. */
export function writeContracts(folder: string, contracts: RecordedContracts): void {
  const file = join(folder, contractFile)
  writeFileSync(`${file}.new`, `${JSON.stringify(contracts, null, 2)}\n`)
  renameSync(`${file}.new`, file)
}
