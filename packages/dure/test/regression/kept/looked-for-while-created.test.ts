import { expect, it } from 'vitest'
import { createHost } from 'dure/host'
import { asState } from 'dure/persistence'
import { Customer, customers } from '../../fixtures/customers.ts'
import { freshPostgres, withPostgres } from '../../fixtures/each-way.ts'

withPostgres()

it('an aggregate that is looked for again and again is not there, and then is', async () => {
  const host = await createHost(customers, { storage: freshPostgres(), persistence: [asState(Customer)] })
  const all = host.repository(Customer, { actor: 'x' })
  for (let n = 0; n < 150; n++) {
    const made = all.create.register({ email: `${n}@x.kr`, name: 'Kim' })
    if (!made.ok) throw new Error('rejected')
    const saving = { done: false }
    const looking = [1, 2, 3].map(async () => {
      while (!saving.done) await all.find(made.next.id)
      return (await all.find(made.next.id))?.version
    })
    await all.save(made.next).finally(() => (saving.done = true))
    expect(await Promise.all(looking)).toEqual([1, 1, 1])
  }
  await host.close()
})
