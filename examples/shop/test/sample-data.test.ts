import { expect, test } from 'vitest'
import { runningShop } from './running-shop.ts'

test('sample data is there once, however often it is asked for', async () => {
  await using shop = await runningShop()
  const lists = () => Promise.all(['/customers', '/products', '/stock'].map((path) => shop.rows(path)))
  const before = await lists()
  expect(before.map((rows) => rows.length)).toEqual([3, 5, 5])
  await shop.refill()
  await shop.settled()
  expect(await lists()).toEqual(before)
})
