export { storageCases, storageConformance } from './storage-conformance.ts'
export type { HandlerTransaction, StorageCase, StorageHarness, Trial } from './harness.ts'
export { transportCases, transportConformance } from './transport/transport-conformance.ts'
export type {
  BrokerControl,
  TransportCase,
  TransportHarness,
  TransportTrial,
} from './transport/transport-harness.ts'
export { cacheCases, cacheConformance, cachedFields } from './resources/cache-conformance.ts'
export { objectStoreCases, objectStoreConformance } from './resources/object-store-conformance.ts'
export {
  thirdPartyCases,
  thirdPartyConformance,
  thirdPartyScript,
} from './resources/third-party-conformance.ts'
export type { Register, ResourceCase, ResourceHarness } from './resources/resource-cases.ts'
