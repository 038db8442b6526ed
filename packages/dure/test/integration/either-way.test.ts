import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as z from 'zod'
import {
  aggregate,
  bigInt,
  bytes,
  context,
  contract,
  entity,
  event,
  instant,
  list,
  oneOf,
  optional,
  ref,
  system,
  valueObject,
  type Id,
} from 'dure'
import { asState } from 'dure/persistence'
import { eachWay } from '../fixtures/each-way.ts'
import { running } from '../fixtures/running.ts'

class Money extends valueObject('Money', { amount: z.int(), currency: oneOf('KRW', 'USD') }) {}
class Extra extends entity('Extra', 'extraId', {
  extraId: z.string(),
  price: Money,
  note: optional(z.string()),
}) {}
class Line extends entity('Line', 'lineId', {
  lineId: z.string(),
  product: ref('Product'),
  quantity: z.int(),
  weight: optional(z.number()),
  extras: list(Extra),
}) {}
class Address extends valueObject('Address', { zipcode: z.string(), city: optional(z.string()) }) {}

const fields = {
  owner: ref('Customer'),
  lines: list(Line),
  shipTo: optional(Address),
  billTo: Address,
  tags: z.array(z.string()),
  kind: z.union([z.literal('gift'), z.object({ wrap: z.boolean().nullable() })]),
  due: optional(instant()),
  points: bigInt(),
  seal: optional(bytes()),
  vip: z.boolean(),
  comment: z.string().nullable(),
}

// One event that may set anything: a history of it goes from any state to any other.
const CartSet = event('CartSet', fields)
const CartChanged = event('CartChanged', fields)
const CartGone = event('CartGone', {})

const Cart = aggregate('Cart', { state: fields, events: { CartSet, CartChanged, CartGone } })
  .starts({ CartSet: (e) => e })
  .ends('CartGone')
  .evolves({ CartChanged: (_, e) => e })
  .factory('set', fields, (input, { emit }) => emit.CartSet(input))
  .command('change', fields, (_, input, { emit }) => emit.CartChanged(input))
  .command('remove', {}, (_, __, { emit }) => emit.CartGone({}))

const Carts = contract('Carts', {})
const carts = system('Carts', { contexts: [context(Carts, [Cart]).implements({})] })

const text = fc
  .string({ unit: 'grapheme', maxLength: 8 })
  .filter((it) => it.isWellFormed() && !it.includes('\0'))
const id = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const may = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const byId = <T extends object>(of: fc.Arbitrary<T>, key: keyof T) =>
  fc.uniqueArray(of, { selector: (it) => it[key], maxLength: 5 })
const money = fc.record({
  amount: fc.maxSafeInteger(),
  currency: fc.constantFrom('KRW' as const, 'USD' as const),
})
const extra = fc.record({ extraId: id, price: money, note: may(text) })
const line = fc.record({
  lineId: id,
  product: id as unknown as fc.Arbitrary<Id<'Product'>>,
  quantity: fc.integer(),
  weight: may(fc.double({ noNaN: true, noDefaultInfinity: true }).map((it) => it + 0)),
  extras: byId(extra, 'extraId'),
})
const address = fc.record({ zipcode: text, city: may(text) })
const day = fc.date({ min: new Date('-004000-01-01T00:00:00Z'), noInvalidDate: true })
const cart = fc.record({
  owner: id as unknown as fc.Arbitrary<Id<'Customer'>>,
  lines: byId(line, 'lineId'),
  shipTo: may(address),
  billTo: address,
  tags: fc.array(text, { maxLength: 3 }),
  kind: fc.oneof(fc.constant('gift' as const), fc.record({ wrap: fc.option(fc.boolean()) })),
  due: may(day.filter((it) => it.getUTCFullYear() < 200_000)),
  points: fc.bigInt(),
  seal: may(fc.uint8Array({ maxLength: 100 })),
  vip: fc.boolean(),
  comment: fc.option(text),
})

eachWay('any history', ({ open, store, kept, keeping }) => {
  it('is loaded as it was decided, after each step, remembered or not', async () => {
    const host = (await running(carts, open(), keeping(Cart))).host
    const all = host.repository(Cart, { actor: 'x' })
    const histories = fc.array(cart, { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(histories, fc.boolean(), async ([first, ...rest], ends) => {
        const made = all.create.set(first as never)
        if (!made.ok) throw new Error('rejected')
        await all.save(made.next)
        let expected = made.next.state
        for (const each of rest) {
          const loaded = await all.load(made.next.id)
          expect(loaded.state).toEqual(expected)
          const changed = loaded.change(each)
          if (!changed.ok) throw new Error('rejected')
          await all.save(changed.next)
          expected = changed.next.state
        }
        const last = await all.load(made.next.id)
        expect(last).toMatchObject({ version: 1 + rest.length })
        expect(last.state).toEqual(expected)
        if (!ends) return
        await all.delete(last)
        expect(await all.find(made.next.id)).toBeUndefined()
      }),
      { numRuns: store === 'memory' ? 100 : 40 },
    )
    await host.close()
  })

  it('is the same to a release that keeps it the other way', async () => {
    const storage = open()
    const one = (await running(carts, { ...storage, close: async () => undefined }, keeping(Cart))).host
    const other = (await running(carts, storage, kept === 'state' ? [] : [asState(Cart)])).host
    const repositories = [one, other].map((host) => host.repository(Cart, { actor: 'x' }))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cart, fc.boolean()), { minLength: 2, maxLength: 6 }),
        async (steps) => {
          const [[first], ...rest] = steps as [(typeof steps)[0], ...typeof steps]
          const made = repositories[0]?.create.set(first)
          if (!made?.ok) throw new Error('rejected')
          await repositories[0]?.save(made.next)
          let expected = made.next.state
          for (const [each, turn] of rest) {
            const repository = repositories[Number(turn)]
            const loaded = await repository?.load(made.next.id)
            expect(loaded?.state).toEqual(expected)
            const changed = loaded?.change(each)
            if (!changed?.ok) throw new Error('rejected')
            await repository?.save(changed.next)
            expected = changed.next.state
          }
          for (const repository of repositories) {
            expect((await repository.load(made.next.id)).state).toEqual(expected)
          }
        },
      ),
      { numRuns: store === 'memory' ? 60 : 25 },
    )
    await one.close()
    await other.close()
  })
})
