export { memoryStorage, type MemoryStorageOptions } from './memory-storage.ts'
export { type MemoryTransport, type MemoryTransportOptions, memoryTransport } from './memory-transport.ts'
