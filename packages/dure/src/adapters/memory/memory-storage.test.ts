import { describe, it } from 'vitest'
import { storageConformance } from '../../testing/conformance/index.ts'
import { memoryStorage } from './memory-storage.ts'

describe('storage conformance', () => {
  storageConformance({ name: 'memory', durable: false, open: async () => memoryStorage() }, it)
})
