import { appendCases } from './append-cases.ts'
import { contextCases } from './context-cases.ts'
import { crowdCases } from './crowd-cases.ts'
import { durableCases } from './durable-cases.ts'
import { type StorageCase, type StorageHarness, runCase } from './harness.ts'
import { inboxCases } from './inbox/inbox-cases.ts'
import { claimCases } from './kept/claim-cases.ts'
import { claimRaceCases } from './kept/claim-race-cases.ts'
import { columnCases } from './kept/column-cases.ts'
import { currentCases } from './kept/current-cases.ts'
import { guardCases } from './kept/guard-cases.ts'
import { listingCases } from './kept/listing-cases.ts'
import { migrationCases } from './kept/migration-cases.ts'
import { misuseCases } from './kept/misuse-cases.ts'
import { releaseCases } from './kept/release-cases.ts'
import { snapshotCases } from './kept/snapshot-cases.ts'
import { stateCases } from './kept/state-cases.ts'
import { stateCrowdCases } from './kept/state-crowd-cases.ts'
import { transactCases } from './kept/transact-cases.ts'
import { logCases } from './log-cases.ts'
import { parkingCases } from './inbox/parking-cases.ts'
import { payloadCases } from './payload-cases.ts'
import { raceCases } from './race-cases.ts'
import { replyCases } from './reply-cases.ts'
import { rowCases } from './row-cases.ts'
import { epochCases } from './shared/epoch-cases.ts'
import { leaseCases } from './shared/lease-cases.ts'
import { noticeCases } from './shared/notice-cases.ts'
import { ownerCases } from './shared/owner-cases.ts'
import { unitCases } from './unit-cases.ts'

/** Everything that the store ports promise, one case each. */
export const storageCases: readonly StorageCase[] = [
  ...appendCases,
  ...raceCases,
  ...crowdCases,
  ...unitCases,
  ...replyCases,
  ...inboxCases,
  ...parkingCases,
  ...rowCases,
  ...logCases,
  ...payloadCases,
  ...contextCases,
  ...stateCases,
  ...stateCrowdCases,
  ...columnCases,
  ...guardCases,
  ...currentCases,
  ...misuseCases,
  ...claimCases,
  ...claimRaceCases,
  ...snapshotCases,
  ...listingCases,
  ...releaseCases,
  ...migrationCases,
  ...transactCases,
  ...leaseCases,
  ...epochCases,
  ...noticeCases,
  ...ownerCases,
  ...durableCases,
]

/**
 * Registers every case that applies to a storage with the test function of any runner: `it` of vitest, `test` of
 * node:test. Cases that need durability or SQL are left out for a storage that does not claim it.
 *
 * @example
 * storageConformance({ name: 'mine', durable: true, open: () => myStorage(url) }, it)
 */
export function storageConformance(
  harness: StorageHarness,
  it: (name: string, run: () => Promise<void>) => unknown,
): void {
  for (const each of storageCases) {
    if (each.needs !== undefined && harness[each.needs] !== true) continue
    it(`${harness.name}: ${each.name}`, () => runCase(harness, each))
  }
}
