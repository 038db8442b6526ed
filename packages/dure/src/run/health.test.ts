import { memoryStorage } from 'dure/memory'
import { createHost } from 'dure/host'
import { expect, it } from 'vitest'
import { shop } from '../../test/fixtures/shop.ts'
import { healthOf } from './health.ts'

it('is not ready without what it needs, and degraded without what it can do without', async () => {
  const storage = memoryStorage()
  await using host = await createHost(shop, { storage })
  let found = { required: ['files cannot be used: 503.'], optional: ['rates cannot be used: ECONNREFUSED.'] }
  const attachments = {
    clients: new Map(),
    inMemory: [],
    problems: async () => found,
    close: async () => undefined,
  }
  const health = healthOf(storage, host, attachments)
  expect(await health.ready()).toEqual(['files cannot be used: 503.'])
  expect(health.degraded()).toEqual(['rates cannot be used: ECONNREFUSED.'])
  found = { required: [], optional: [] }
  expect([await health.ready(), health.degraded()]).toEqual([[], []])
})
