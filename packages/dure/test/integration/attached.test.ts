import { config, context, contract, event, aggregate, handle, oneOf, resource, system } from 'dure'
import { createHost } from 'dure/host'
import { memoryStorage } from 'dure/memory'
import { answering, standIn, standIns } from 'dure/testing'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { codeOf } from '../fixtures/running.ts'

const limits = config({
  LARGEST_AMOUNT: { about: 'more is not paid at once', read: config.whole(), default: 1000 },
})
const rates = resource.cache('rates', { rate: z.number() })
const bank = resource.http('bank', { secret: 'bearer' })
const receipts = resource.objectStore('receipts')

const Paid = event('Paid', { won: z.int() })
const Payment = aggregate('Payment', { state: { won: z.int() }, events: { Paid }, rejections: {} })
  .starts({ Paid: (it) => it })
  .evolves({})
  .factory('pay', { won: z.int() }, (it, { emit }) => emit.Paid(it))

const Paying = contract('Paying', {
  commands: { pay: { amount: z.int(), currency: oneOf('KRW', 'USD') } },
  queries: { receipt: { in: { key: z.string() }, out: { text: z.string() } } },
})

let asked = 0
const paying = context(Paying, [Payment, limits, rates, bank, receipts]).implements({
  commands: {
    pay: handle(Payment.commands.pay, async (input: { amount: number; currency: string }, reading) => {
      const { LARGEST_AMOUNT } = reading.use(limits)
      const load = async () => {
        const answer = await reading.use(bank).get('/rates', { query: { of: input.currency } })
        return z.object({ rate: z.number() }).parse(answer.body)
      }
      const { rate } = await reading.use(rates).through(input.currency, { ttlMs: 60_000 }, load)
      return { won: Math.min(input.amount, LARGEST_AMOUNT) * rate }
    }),
  },
  queries: {
    receipt: async ({ key }, reading) => {
      const found = await reading.use(receipts).get(key)
      return found && { text: new TextDecoder().decode(found.bytes) }
    },
  },
})
const shop = system('Shop', { contexts: [paying] })

const theBank = answering(bank, ({ path, query, headers }) => {
  asked++
  return path === '/rates' && query['of'] === 'USD' && headers['authorization'] !== undefined
    ? { json: { rate: 1300 } }
    : { status: 404 }
})

test('handlers use settings, a cache, a third party and an object store of their context, typed', async () => {
  const attached = standIns(shop, [standIn(bank, theBank), standIn(limits, { LARGEST_AMOUNT: 2 })])
  await using host = await createHost(shop, { storage: memoryStorage(), attached })
  const client = host.client({ actor: 'test' })
  const first = await client.insist(Paying.commands.pay, { amount: 5, currency: 'USD' })
  await client.insist(Paying.commands.pay, { amount: 1, currency: 'USD' })
  expect(asked).toBe(1)
  const payment = await host.repository(Payment, { actor: 'test' }).load(first.id as never)
  expect(payment.state).toEqual({ won: 2600 })
  await host.use(receipts).put('r/1', 'paid')
  expect(await client.ask(Paying.queries.receipt, { key: 'r/1' })).toEqual({ text: 'paid' })
  expect(host.use(limits).LARGEST_AMOUNT).toBe(2)
})

test('what nothing is attached for, or is no part of the context, is named', async () => {
  await using bare = await createHost(shop, { storage: memoryStorage() })
  const asking = bare.client({ actor: 'test' }).ask(Paying.queries.receipt, { key: 'r/1' })
  await expect(asking).rejects.toMatchObject({
    code: 'DURE_RESOURCE_UNATTACHED',
    message: 'context Paying has nothing attached for receipts.',
  })
  const { definition } = paying
  const without = { ...definition, attached: definition.attached.filter((it) => it !== receipts) }
  const forgot = system('Shop', { contexts: [{ ...paying, definition: without }] })
  await using host = await createHost(forgot, { storage: memoryStorage(), attached: standIns(shop) })
  expect(await codeOf(host.client({ actor: 'test' }).ask(Paying.queries.receipt, { key: 'r/1' }))).toBe(
    'DURE_RESOURCE_UNATTACHED',
  )
})

test('a third party that is away is 503 to the caller: nothing was done', async () => {
  await using host = await createHost(shop, { storage: memoryStorage(), attached: standIns(shop) })
  const failed = host.client({ actor: 'test' }).tell(Paying.commands.pay, { amount: 5, currency: 'USD' })
  await expect(failed).rejects.toMatchObject({ code: 'DURE_RESOURCE_UNAVAILABLE', kind: 'unavailable' })
})
