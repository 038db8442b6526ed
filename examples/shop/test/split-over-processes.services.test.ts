import { afterAll, beforeAll, expect, test } from 'vitest'
import { runningShop, startShopsBy } from './running-shop.ts'
import { splitShops } from './split/split-shops.ts'

// The scenarios as they are, with each context in two processes of its own.
const shops = splitShops(2)
startShopsBy(() => shops.start())
// Eight programs are loaded at once, which takes a small machine a while.
beforeAll(() => shops.ready(), 120_000)
afterAll(() => shops.end())

await import('./orders.test.ts')
await import('./routes.test.ts')
await import('./sample-data.test.ts')

// The last, since half of the processes are gone after it.
test('when one process of every context is killed, the others take over its work within seconds', async () => {
  await using shop = await runningShop()
  const customer = (await shop.named('/customers', 'Lee Jun')).id
  const product = (await shop.named('/products', 'pen')).id
  const order = { customer, lines: [{ product, quantity: 1 }] }
  for (let i = 0; i < 5; i++) await shop.done('POST', '/orders', order)
  await shops.killOneOfEach()
  let placed = 5
  const before = performance.now()
  // Some requests still meet a replica that is gone, as before a load balancer notices.
  while (placed < 10) if ((await shop.send('POST', '/orders', order)).status === 201) placed++
  await shop.settled()
  expect(performance.now() - before).toBeLessThan(20_000)
  expect(await shop.rows('/orders?status=approved')).toHaveLength(10)
  expect(await shop.named('/stock', 'pen')).toMatchObject({ onHand: 490, reserved: 0 })
}, 60_000)
