import assert from 'node:assert/strict'
import { isDureError } from '../../../kernel/error.ts'
import type { MigrationStep, StoreMigration } from '../../../ports/migration.ts'
import { freshName, type StorageCase } from '../harness.ts'
import { commitState, kept, keptBefore, loaded, orderRows, whole } from './orders.ts'

const growing = ['schema', 'expand'] as const

async function missing(
  migration: StoreMigration,
  kinds: readonly MigrationStep['kind'][],
): Promise<string[]> {
  const steps = await migration.plan()
  return steps.filter((it) => kinds.includes(it.kind)).map((it) => it.what)
}

export const migrationCases: readonly StorageCase[] = [
  {
    name: 'a migration makes what its plan says is missing; then nothing is, and the context opens',
    async run({ storage }) {
      const name = freshName()
      const migration = storage.migration(name, kept)
      const plan = await migration.plan()
      assert.deepEqual(await migration.plan(), plan)
      const told: MigrationStep[] = []
      await migration.apply(growing, (step) => told.push(step))
      assert.deepEqual(told, plan)
      assert.deepEqual(await migration.plan(), [])
      await migration.apply(growing, () => assert.fail('nothing was missing'))
      const store = await storage.openContext(name, kept)
      await commitState(store, 0, whole(0, orderRows()))
      assert.deepEqual(await migration.plan(), [])
    },
  },
  {
    name: 'processes that migrate at once take turns, and each step is made once',
    async run({ storage }) {
      const name = freshName()
      const plan = await storage.migration(name, kept).plan()
      const told: string[] = []
      await Promise.all(
        Array.from({ length: 4 }, () =>
          storage.migration(name, kept).apply(growing, (it) => told.push(it.what)),
        ),
      )
      assert.deepEqual(told.toSorted(), plan.map((it) => it.what).toSorted())
      assert.deepEqual(await storage.migration(name, kept).plan(), [])
    },
  },
  {
    name: 'to open a context makes what it needs, and what an older release needs stays',
    async run({ storage }) {
      const name = freshName()
      const before = await storage.openContext(name, keptBefore)
      const old = { root: ['bob', 2], children: [[], []] }
      await commitState(before, 0, whole(0, old))
      await storage.openContext(name, kept)
      assert.deepEqual(await missing(storage.migration(name, kept), growing), [])
      assert.deepEqual(await missing(storage.migration(name, keptBefore), growing), [])
      assert.deepEqual(await loaded(before), {
        version: 1,
        ended: false,
        events: [],
        at: 1,
        rows: old,
        row: 1,
      })
    },
  },
  {
    name: 'a storage that is closed, and a name that is none, are refused by a migration too',
    async run({ harness }) {
      const storage = await harness.open()
      const migration = storage.migration(freshName(), kept)
      await assert.rejects(
        async () => storage.migration('1 wrong').plan(),
        (error) => isDureError(error, 'DURE_STORE_CONTEXT_INVALID'),
      )
      await storage.close()
      for (const use of [() => migration.plan(), () => migration.apply(growing)]) {
        await assert.rejects(use, (error) => isDureError(error, 'DURE_STORE_CLOSED'))
      }
    },
  },
  {
    name: 'a plan for a new context has steps, each with its SQL, and changes nothing',
    needs: 'sql',
    async run({ storage }) {
      const migration = storage.migration(freshName(), kept)
      const plan = await migration.plan()
      assert.ok(plan.length > 0)
      for (const { kind, what, sql, destroys } of plan) {
        assert.ok(growing.some((it) => it === kind))
        assert.ok(what.length > 0 && sql.length > 0)
        assert.equal(destroys, false)
      }
      await migration.apply(['contract'])
      assert.deepEqual(await migration.plan(), plan)
    },
  },
  {
    name: 'a release with more columns adds them, and the one before is not told to take them away before its contract',
    needs: 'sql',
    async run({ storage }) {
      const name = freshName()
      await storage.openContext(name, keptBefore)
      const wider = storage.migration(name, kept)
      assert.ok((await missing(wider, ['expand'])).length > 0)
      assert.deepEqual(await missing(wider, ['schema', 'contract']), [])
      await wider.apply(['expand'])
      assert.deepEqual(await wider.plan(), [])
      const narrower = storage.migration(name, keptBefore)
      const left = await narrower.plan()
      assert.ok(left.length > 0)
      for (const step of left) assert.deepEqual([step.kind, step.destroys], ['contract', true])
      await narrower.apply(growing)
      assert.deepEqual(await wider.plan(), [])
      await narrower.apply(['contract'])
      assert.deepEqual(await narrower.plan(), [])
      assert.ok((await missing(wider, ['expand'])).length > 0)
    },
  },
]
