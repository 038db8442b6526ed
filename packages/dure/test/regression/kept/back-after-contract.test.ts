import { expect, it } from 'vitest'
import { createHost, systemWorld } from 'dure/host'
import { asState } from 'dure/persistence'
import { migrationOf } from '../../../src/migration/migration.ts'
import { Basket, baskets } from '../../fixtures/baskets.ts'
import { freshPostgres, withPostgres } from '../../fixtures/each-way.ts'
import { keptOpen } from '../../fixtures/running.ts'

withPostgres()

const speaker = { actor: 'x' }
const items = ['a', 'b', 'c'].map((itemId, quantity) => ({ itemId, quantity }))

it('a release that comes back after its tables were removed takes no row for whole that it had left behind', async () => {
  const storage = keptOpen(freshPostgres())
  const [before, now] = [[asState(Basket)], [asState(Basket, { columns: { items: 'basket_contents' } })]]
  const first = await createHost(baskets, { storage, persistence: before })
  const all = first.repository(Basket, speaker)
  const made = all.create.begin({ owner: 'Kim', items })
  if (!made.ok) throw new Error('rejected')
  await all.save(made.next)

  const second = await createHost(baskets, { storage, persistence: now })
  // After the newer release has filled the tables of its own, the older one writes once more.
  const removed = (await all.load(made.next.id)).remove({ itemId: 'b' })
  if (!removed.ok) throw new Error('rejected')
  await all.save(removed.next)
  await first.close()
  await migrationOf(baskets, now, storage, systemWorld).apply({ contract: true })
  await second.close()

  const again = await createHost(baskets, { storage, persistence: before })
  const loaded = await again.repository(Basket, speaker).load(made.next.id)
  expect(loaded.state.items.map((it) => it.itemId)).toEqual(['a', 'c'])
  await again.close()
})
