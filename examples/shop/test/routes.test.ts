import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../src/routes.ts'
import { runningShop, type RunningShop } from './running-shop.ts'

const seoul = { zipcode: '04524', addr1: '서울 중구 세종대로 110' }
const won = (amount: number) => ({ amount, currency: 'KRW' })

describe('every route', () => {
  let shop: RunningShop
  const used = new Set<string>()

  beforeAll(async () => {
    shop = await runningShop()
  })
  afterAll(() => shop[Symbol.asyncDispose]())

  /** Sends a request to a route, its `:id` filled in, and notes that the route was used. */
  async function use(route: string, { id = '', query = '', body = undefined as object | undefined } = {}) {
    const [method = '', path = ''] = route.split(' ')
    used.add(route)
    const answer = await shop.send(method, path.replace(':id', id) + query, body)
    await shop.settled()
    return answer
  }

  test('for customers', async () => {
    const registered = await use('POST /customers', { body: { name: 'Choi Ara', address: seoul } })
    expect(registered.status).toBe(201)
    const mail = { name: 'Choi Ari', address: seoul, email: 'ara@example.com' }
    expect((await use('POST /customers', { body: mail })).status).toBe(201)
    const taken = await use('POST /customers', { body: { ...mail, email: 'Ara@example.com' } })
    expect(taken).toMatchObject({
      status: 422,
      body: { rejected: 'EmailTaken', data: { email: 'Ara@example.com' } },
    })
    const { id } = registered.body as { id: string }
    expect(registered.headers.get('location')).toBe(`/customers/${id}`)
    expect((await use('GET /customers')).body).toHaveLength(5)
    await use('PUT /customers/:id/address', { id, body: { address: { ...seoul, addr2: '7F' } } })
    expect((await use('GET /customers/:id', { id })).body).toEqual({
      id,
      name: 'Choi Ara',
      address: { ...seoul, addr2: '7F' },
    })
    expect((await use('DELETE /customers/:id', { id })).status).toBe(200)
    expect((await use('GET /customers/:id', { id })).status).toBe(404)
    expect((await use('GET /customers')).body).toHaveLength(4)
  })

  test('for products and their stock', async () => {
    const body = { name: 'Lamp', listPrice: won(60_000), description: 'For the desk' }
    const listed = await use('POST /products', { body })
    expect(listed.status).toBe(201)
    const { id } = listed.body as { id: string }
    await use('PUT /products/:id/price', { id, body: { listPrice: won(55_000) } })
    await use('PUT /products/:id/description', { id, body: { description: 'Warm light' } })
    expect((await use('GET /products/:id', { id })).body).toEqual({
      id,
      name: 'Lamp',
      listPrice: won(55_000),
      description: 'Warm light',
      status: 'listed',
    })
    expect((await use('GET /products', { query: '?status=listed' })).body).toHaveLength(6)
    expect((await use('POST /stock/:id/receive', { id, body: { quantity: 4 } })).status).toBe(200)
    expect((await use('GET /stock/:id', { id })).body).toMatchObject({ name: 'Lamp', onHand: 4, free: 4 })
    expect((await use('GET /stock')).body).toHaveLength(6)
    await use('POST /products/:id/discontinue', { id })
    expect((await use('GET /products', { query: '?status=discontinued' })).body).toMatchObject([{ id }])
    expect((await use('PUT /products/:id/price', { id, body: { listPrice: won(1) } })).body).toMatchObject({
      rejected: 'Discontinued',
    })
  })

  test('for orders', async () => {
    const customer = (await shop.named('/customers', 'Kim Bora')).id
    const product = (await shop.named('/products', 'Chair')).id
    const body = { customer, lines: [{ product, quantity: 1 }], shippingAddress: seoul }
    const placed = await Promise.all([1, 2, 3].map(() => use('POST /orders', { body })))
    const [a, b, c] = placed.map((it) => (it.body as { id: string }).id) as [string, string, string]
    expect((await use('GET /orders', { query: `?customer=${customer}` })).body).toHaveLength(3)
    expect((await use('POST /orders/:id/approve', { id: a })).status).toBe(200)
    expect((await use('POST /orders/:id/reject', { id: b, body: { reason: 'no' } })).status).toBe(200)
    expect((await use('POST /orders/:id/cancel', { id: c })).status).toBe(200)
    expect((await use('GET /orders/:id', { id: a })).body).toMatchObject({
      status: 'approved',
      shippingAddress: seoul,
      lines: [{ line: 1, product, quantity: 1, price: won(390_000), reserved: true }],
    })
    expect((await use('GET /orders', { query: '?status=cancelled' })).body).toMatchObject([{ id: c }])
    expect((await use('GET /orders', { query: '?status=lost' })).status).toBe(400)
  })

  test('was used above', () => {
    expect([...used].toSorted()).toEqual(routes.map((it) => `${it.method} ${it.path}`).toSorted())
  })
})

test('the name of an erased customer is gone from the orders, the orders are not', async () => {
  await using shop = await runningShop()
  const customer = (await shop.named('/customers', 'Kim Bora')).id
  const product = (await shop.named('/products', 'Mug')).id
  const id = await shop.done('POST', '/orders', { customer, lines: [{ product, quantity: 1 }] })
  await shop.done('DELETE', `/customers/${customer}`)
  await shop.settled()
  const { body } = await shop.get('/orders')
  expect(body).toMatchObject([{ id, customer }])
  expect(body).not.toMatchObject([{ customerName: '김보라 Kim Bora' }])
})

test('a list asked with the token of a command is not older than the command', async () => {
  await using shop = await runningShop()
  const customer = (await shop.named('/customers', 'Kim Bora')).id
  const product = (await shop.named('/products', 'Mug')).id
  const placed = await shop.send('POST', '/orders', { customer, lines: [{ product, quantity: 1 }] })
  const token = placed.headers.get('dure-token') ?? ''
  expect((await shop.get('/orders', { 'dure-token': token })).body).toHaveLength(1)
})
