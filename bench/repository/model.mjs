import * as z from 'zod'
import { aggregate, context, contract, entity, event, list, oneOf, ref, system, valueObject } from 'dure'

const quantity = z.int().positive()

class Money extends valueObject('Money', { amount: z.int(), currency: z.string() }) {}
class Address extends valueObject('Address', {
  street: z.string(),
  zipcode: z.string(),
  city: z.string(),
  country: z.string(),
}) {}
class OrderLine extends entity('OrderLine', 'line', {
  line: z.int().positive(),
  product: ref('Product'),
  quantity,
  price: Money,
}) {}

const customer = ref('Customer')
const lines = list(OrderLine)
const OrderPlaced = event('OrderPlaced', { customer, shipTo: Address, total: Money, lines })
const QuantityChanged = event('QuantityChanged', { line: z.int(), quantity, total: Money })

const totalOf = (all) =>
  new Money({
    amount: all.reduce((sum, it) => sum + it.quantity * it.price.amount, 0),
    currency: all[0].price.currency,
  })
const changed = (all, line, wanted) =>
  all.map((it) => (it.line === line ? it.with({ quantity: wanted }) : it))

export const Order = aggregate('Order', {
  state: { customer, shipTo: Address, status: oneOf('placed', 'shipped'), total: Money, lines },
  events: { OrderPlaced, QuantityChanged },
  rejections: { HasLeft: {}, NoSuchLine: {} },
})
  .starts({ OrderPlaced: (e) => ({ ...e, status: 'placed' }) })
  .evolves({
    QuantityChanged: (order, e) => ({
      ...order,
      total: e.total,
      lines: changed(order.lines, e.line, e.quantity),
    }),
  })
  .factory(
    'place',
    { number: z.string().min(1).max(40), customer, shipTo: Address, lines },
    ({ customer, shipTo, lines }, { emit }) =>
      emit.OrderPlaced({ customer, shipTo, lines, total: totalOf(lines) }),
    { id: (input) => input.number },
  )
  .command('changeQuantity', { line: z.int(), quantity }, (order, input, { emit, reject }) => {
    if (order.status !== 'placed') return reject('HasLeft')
    if (!order.lines.some((it) => it.line === input.line)) return reject('NoSuchLine')
    const total = totalOf(changed(order.lines, input.line, input.quantity))
    return emit.QuantityChanged({ ...input, total })
  })

/** A system of one context with this name, whose commands nobody calls: it is used by its repository. */
export function systemNamed(name) {
  const terms = contract(name, {})
  return system(name, { contexts: [context(terms, [Order]).implements({})] })
}
