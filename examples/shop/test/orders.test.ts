import { describe, expect, test } from 'vitest'
import { runningShop, type RunningShop } from './running-shop.ts'

async function place(shop: RunningShop, wanted: Readonly<Record<string, number>>): Promise<string> {
  const customer = (await shop.named('/customers', 'Lee Jun')).id
  const lines = await Promise.all(
    Object.entries(wanted).map(async ([word, quantity]) => ({
      product: (await shop.named('/products', word)).id,
      quantity,
    })),
  )
  const id = await shop.done('POST', '/orders', { customer, lines })
  await shop.settled()
  return id
}

async function stockOf(shop: RunningShop, word: string): Promise<object> {
  const { onHand, reserved, free } = await shop.named('/stock', word)
  return { onHand, reserved, free }
}

describe('a small order', () => {
  test('is reserved, approved and shipped without anybody looking', async () => {
    await using shop = await runningShop()
    const id = await place(shop, { pen: 10, Mug: 2 })
    expect((await shop.get(`/orders/${id}`)).body).toMatchObject({
      status: 'approved',
      customerName: '이준 Lee Jun',
      total: { amount: 39_000, currency: 'KRW' },
      shippingAddress: { zipcode: '47545' },
    })
    expect(await stockOf(shop, 'pen')).toEqual({ onHand: 490, reserved: 0, free: 490 })
    expect(await stockOf(shop, 'Mug')).toEqual({ onHand: 22, reserved: 0, free: 22 })
    expect(shop.errors).toEqual([])
  })
})

describe('a large order', () => {
  test('waits, with its goods reserved, until it is approved', async () => {
    await using shop = await runningShop()
    const id = await place(shop, { Chair: 2 })
    expect((await shop.get('/orders?status=reserved')).body).toMatchObject([{ id, linesReserved: 1 }])
    expect(await stockOf(shop, 'Chair')).toEqual({ onHand: 3, reserved: 2, free: 1 })
    expect((await shop.send('POST', `/orders/${id}/approve`)).status).toBe(200)
    await shop.settled()
    expect(await stockOf(shop, 'Chair')).toEqual({ onHand: 1, reserved: 0, free: 1 })
    expect((await shop.get('/orders?status=approved')).body).toMatchObject([{ id, status: 'approved' }])
    expect(shop.errors).toEqual([])
  })

  test('gives its goods back when it is cancelled, or rejected', async () => {
    await using shop = await runningShop()
    const cancelled = await place(shop, { Chair: 1, Keyboard: 1 })
    const rejected = await place(shop, { Chair: 2 })
    expect(await stockOf(shop, 'Chair')).toEqual({ onHand: 3, reserved: 3, free: 0 })
    await shop.send('POST', `/orders/${cancelled}/cancel`)
    await shop.send('POST', `/orders/${rejected}/reject`, { reason: 'too far away' })
    await shop.settled()
    expect(await stockOf(shop, 'Chair')).toEqual({ onHand: 3, reserved: 0, free: 3 })
    expect(await stockOf(shop, 'Keyboard')).toEqual({ onHand: 8, reserved: 0, free: 8 })
    expect((await shop.get(`/orders/${rejected}`)).body).toMatchObject({
      status: 'rejected',
      reason: 'too far away',
    })
    expect(shop.errors).toEqual([])
  })

  test('is decided once', async () => {
    await using shop = await runningShop()
    const id = await place(shop, { Chair: 1 })
    await shop.send('POST', `/orders/${id}/cancel`)
    const again = await shop.send('POST', `/orders/${id}/approve`)
    expect(again.status).toBe(422)
    expect(again.body).toMatchObject({ rejected: 'AlreadyDecided', data: { status: 'cancelled' } })
  })
})

describe('an order that cannot be filled', () => {
  test('is rejected, and what was reserved for its other lines is free again', async () => {
    await using shop = await runningShop()
    const id = await place(shop, { pen: 10, Chair: 4, Mug: 1 })
    expect((await shop.get(`/orders/${id}`)).body).toMatchObject({
      status: 'rejected',
      reason: 'line 2 is out of stock, 3 left',
    })
    expect(await stockOf(shop, 'pen')).toEqual({ onHand: 500, reserved: 0, free: 500 })
    expect(await stockOf(shop, 'Chair')).toEqual({ onHand: 3, reserved: 0, free: 3 })
    expect(await stockOf(shop, 'Mug')).toEqual({ onHand: 24, reserved: 0, free: 24 })
    expect(shop.errors).toEqual([])
  })

  test('of many that want the last goods: as many as there are goods get them', async () => {
    await using shop = await runningShop()
    const { id: customer } = await shop.named('/customers', 'Lee Jun')
    const { id: product } = await shop.named('/products', 'Chair')
    const order = { customer, lines: [{ product, quantity: 1 }] }
    await Promise.all(Array.from({ length: 10 }, () => shop.send('POST', '/orders', order)))
    await shop.settled()
    expect(await shop.rows('/orders?status=reserved')).toHaveLength(3)
    expect(await shop.rows('/orders?status=rejected')).toHaveLength(7)
    expect(await stockOf(shop, 'Chair')).toEqual({ onHand: 3, reserved: 3, free: 0 })
    expect(shop.errors).toEqual([])
  })

  test('whenever a row of orders is cancelled at once, nothing stays reserved', async () => {
    await using shop = await runningShop()
    const { id: customer } = await shop.named('/customers', 'Lee Jun')
    const products = await shop.rows('/products')
    const order = { customer, lines: products.map(({ id }) => ({ product: id, quantity: 1 })) }
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        const id = await shop.done('POST', '/orders', order)
        await shop.send('POST', `/orders/${id}/cancel`)
      }),
    )
    await shop.settled()
    expect(await shop.rows('/orders')).toHaveLength(12)
    expect(await shop.rows('/orders?status=reserved')).toEqual([])
    for (const { reserved } of await shop.rows('/stock')) expect(reserved).toBe(0)
    expect(shop.errors).toEqual([])
  })
})

describe('an order that the shop refuses', () => {
  test('names the product that is not sold, or the customer nobody knows', async () => {
    await using shop = await runningShop()
    const { id: customer } = await shop.named('/customers', 'Lee Jun')
    const { id: product } = await shop.named('/products', 'pen')
    const noGoods = { customer, lines: [{ product: 'no-such', quantity: 1 }] }
    expect((await shop.send('POST', '/orders', noGoods)).body).toMatchObject({
      rejected: 'NotSold',
      data: { product: 'no-such' },
    })
    const nobody = { customer: 'nobody', lines: [{ product, quantity: 1 }] }
    expect((await shop.send('POST', '/orders', nobody)).body).toMatchObject({ rejected: 'UnknownCustomer' })
    expect((await shop.send('POST', '/orders', { customer, lines: [] })).body).toMatchObject({
      rejected: 'EmptyOrder',
    })
  })

  test('has a price in it: the list price holds', async () => {
    await using shop = await runningShop()
    const { id: customer } = await shop.named('/customers', 'Lee Jun')
    const { id: product } = await shop.named('/products', 'pen')
    const price = { amount: 1, currency: 'KRW' }
    const bold = await shop.send('POST', '/orders', { customer, lines: [{ product, quantity: 1, price }] })
    expect(bold.status).toBe(400)
    expect(bold.body).toMatchObject({ issues: [{ path: '/lines/0/price' }] })
  })
})
