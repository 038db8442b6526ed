export { embeddedStorage, type EmbeddedStorage, type EmbeddedStorageOptions } from './embedded-storage.ts'
