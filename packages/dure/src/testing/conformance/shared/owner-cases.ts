import assert from 'node:assert/strict'
import { isDureError } from '../../../kernel/error.ts'
import { commitTo, freshName, order, type StorageCase } from '../harness.ts'

const taken = (error: unknown): boolean =>
  isDureError(error, 'DURE_STORE_SCHEMA_TAKEN') &&
  error.message.includes('Shop') &&
  error.message.includes('Bank') &&
  (error.hint ?? '').includes('schemaPrefix')

export const ownerCases: readonly StorageCase[] = [
  {
    name: 'a context belongs to the first system that says so, and another is told of both',
    async run({ storage }) {
      const name = freshName()
      // By who does not say for which system: a tool, an older release.
      const before = await storage.openContext(name)
      const mine = await storage.openContext(name, [], 'Shop')
      await commitTo(mine, order('1'), 0)
      await storage.openContext(name, [], 'Shop')
      await assert.rejects(() => storage.openContext(name, [], 'Bank'), taken)
      const unnamed = await storage.openContext(name)
      assert.equal((await unnamed.readStream(order('1'))).version, 1)
      assert.equal((await before.readStream(order('1'))).version, 1)
      await storage.openContext(freshName(), [], 'Bank')
    },
  },
  {
    name: 'of two systems that want one context at once, one gets it',
    async run({ storage }) {
      const name = freshName()
      const both = await Promise.allSettled(['Shop', 'Bank'].map((it) => storage.openContext(name, [], it)))
      assert.equal(both.filter((it) => it.status === 'fulfilled').length, 1)
      const [lost] = both.filter((it) => it.status === 'rejected')
      assert.ok(isDureError(lost?.reason, 'DURE_STORE_SCHEMA_TAKEN'), String(lost?.reason))
    },
  },
]
