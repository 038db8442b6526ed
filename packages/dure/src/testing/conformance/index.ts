export { storageCases, storageConformance } from './storage-conformance.ts'
export type { HandlerTransaction, StorageCase, StorageHarness, Trial } from './harness.ts'
