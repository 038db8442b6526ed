export { storageCases, storageConformance } from './storage-conformance.ts'
export type { HandlerTransaction, StorageCase, StorageHarness, Trial } from './harness.ts'
export { transportCases, transportConformance } from './transport/transport-conformance.ts'
export type {
  BrokerControl,
  TransportCase,
  TransportHarness,
  TransportTrial,
} from './transport/transport-harness.ts'
