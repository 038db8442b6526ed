import { appendCases } from './append-cases.ts'
import { contextCases } from './context-cases.ts'
import { durableCases } from './durable-cases.ts'
import { type StorageCase, type StorageHarness, runCase } from './harness.ts'
import { inboxCases } from './inbox-cases.ts'
import { logCases } from './log-cases.ts'
import { payloadCases } from './payload-cases.ts'
import { raceCases } from './race-cases.ts'
import { replyCases } from './reply-cases.ts'
import { rowCases } from './row-cases.ts'
import { unitCases } from './unit-cases.ts'

/** Everything that the store ports promise, one case each. */
export const storageCases: readonly StorageCase[] = [
  ...appendCases,
  ...raceCases,
  ...unitCases,
  ...replyCases,
  ...inboxCases,
  ...rowCases,
  ...logCases,
  ...payloadCases,
  ...contextCases,
  ...durableCases,
]

/**
 * Registers every case that applies to a storage with the test function of any runner: `it` of vitest, `test` of
 * node:test. Cases that need durability are left out for a storage that does not claim it.
 *
 * @example
 * storageConformance({ name: 'mine', durable: true, open: () => myStorage(url) }, it)
 */
export function storageConformance(
  harness: StorageHarness,
  it: (name: string, run: () => Promise<void>) => unknown,
): void {
  for (const each of storageCases) {
    if (each.needs === 'durable' && !harness.durable) continue
    it(`${harness.name}: ${each.name}`, () => runCase(harness, each))
  }
}
