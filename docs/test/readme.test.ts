import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { runningShop } from '../../examples/shop/test/running-shop.ts'
import { allPages, placeOf, readPage, type Fence } from './markdown.ts'
import { requestsIn } from './requests.ts'
import { scratch } from './scratch.ts'

const readme = readPage('README.md')
const marked = (mark: string): Fence[] => readme.fences.filter(({ marks }) => marks.has(mark))

test('the requests of the README do with the shop what the README says', async () => {
  await using shop = await runningShop()
  const [small = [], large = []] = marked('shop').map(({ text }) => requestsIn(text))
  const send = async (it: (typeof small)[number] | undefined) => {
    if (it === undefined) throw new Error('a request is gone from the README')
    const { method, headers, body } = it.init
    const answer = await shop.send(
      method,
      it.path,
      body === undefined ? undefined : JSON.parse(body),
      headers,
    )
    await shop.settled()
    return answer
  }
  const placed = await send(small[0])
  expect(placed).toMatchObject({ status: 201, body: { version: 1, events: [{ type: 'OrderPlaced' }] } })
  expect((await send(small[1])).body).toMatchObject([
    { id: (placed.body as { id: string }).id, status: 'approved' },
  ])
  expect((await send(small[2])).body).toMatchObject({ onHand: 22, reserved: 0, free: 22 })
  expect((await send(small[0])).body).toEqual(placed.body)
  expect((await shop.rows('/orders')).length).toBe(1)
  expect((await send(large[0])).status).toBe(201)
  expect((await send(large[1])).body).toMatchObject([
    { status: 'rejected', reason: 'line 2 is out of stock, 3 left' },
  ])
  expect((await send(large[2])).body).toMatchObject({ onHand: 22, reserved: 0, free: 22 })
  expect(shop.errors).toEqual([])
})

test('the requests of the other pages are accepted', async () => {
  await using shop = await runningShop()
  const fences = allPages()
    .filter(({ path }) => path !== readme.path)
    .flatMap((it) => it.fences.filter(({ marks }) => marks.has('shop')))
  expect(fences.length).toBeGreaterThan(0)
  for (const fence of fences) {
    for (const { path, init } of requestsIn(fence.text)) {
      const body = init.body === undefined ? undefined : (JSON.parse(init.body) as object)
      const { status } = await shop.send(init.method, path, body, init.headers)
      expect([placeOf(fence), Math.floor(status / 100)]).toEqual([placeOf(fence), 2])
    }
  }
})

test('the service of the README compiles, runs, says no, and stops', { timeout: 20_000 }, async () => {
  const [service] = marked('service')
  expect(service?.text.split('\n').filter((it) => it.trim() !== '').length).toBeLessThan(45)
  using it = scratch()
  it.write('service.ts', service?.text ?? '')
  expect(await it.typeCheck(['service.ts'])).toBe('')
  it.write(
    'undeclared.ts',
    service?.text.replace(/rejections: \{ Overdrawn: \{\} \},\s+queries/, 'queries') ?? '',
  )
  expect(await it.typeCheck(['undeclared.ts'])).toContain('error TS')
  const served = await it.serve('service.ts')
  const send = async (path: string, input?: object) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(
      `${served.url}${path}`,
      input && { method: 'POST', headers, body: JSON.stringify(input) },
    )
    return { status: response.status, body: (await response.json()) as { readonly id: string } }
  }
  const { status, body } = await send('/accounts', { owner: 'Bora' })
  expect(status).toBe(201)
  await send('/c/banking/deposit', { id: body.id, amount: 10 })
  const no = await send('/c/banking/withdraw', { id: body.id, amount: 12 })
  expect(no).toMatchObject({ status: 422, body: { rejected: 'Overdrawn', data: {} } })
  expect((await send(`/accounts/${body.id}`)).body).toEqual({ owner: 'Bora', balance: 10 })
  expect(await Promise.race([served.stop(), pause(5000, 'did not stop')])).toBe(0)
})

test('the README is short', () => {
  expect(readme.text.split('\n').length).toBeLessThanOrEqual(150)
})
