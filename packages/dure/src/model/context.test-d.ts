import * as z from 'zod'
import { aggregate, context, contract, event, handle, oneOf, policy, publish, ref, view } from 'dure'
import { Order, OrderPlaced } from '../../test/fixtures/ordering.ts'
import { Ordering, Stock, reserveStock } from '../../test/fixtures/shop.ts'

const Shop = contract('Shop', {
  commands: { approve: { id: ref('Order') } },
  events: { Placed: { total: z.int() } },
  rejections: { AlreadyDecided: { status: z.string() }, TooExpensive: {} },
  queries: { total: { in: { id: ref('Order') }, out: { total: z.int() } } },
})
const approve = Order.commands.approve
const Placed = publish(OrderPlaced, (e) => ({ total: e.total.amount }))

context(Shop, [Order]).implements({
  commands: { approve },
  events: { Placed },
  queries: {
    total: async ({ id }, r) => ({ total: (await r.repository(Order).load(id)).state.total.amount }),
  },
})
// @ts-expect-error a command nobody keeps
context(Shop, [Order]).implements({ commands: {}, events: { Placed }, queries: { total: () => undefined } })
// @ts-expect-error an event nobody publishes
context(Shop, [Order]).implements({ commands: { approve }, events: {}, queries: { total: () => undefined } })
context(Shop, [Order]).implements({
  commands: { approve },
  events: { Placed },
  // @ts-expect-error a query that answers another shape
  queries: { total: () => ({ sum: 1 }) },
})
context(Shop, [Order]).implements({
  commands: { approve },
  // @ts-expect-error a published event with other data
  events: { Placed: publish(OrderPlaced, (e) => ({ total: e.total })) },
  queries: { total: () => undefined },
})
context(Shop, [Order]).implements({
  // @ts-expect-error a command that takes what the contract does not give
  commands: { approve: Order.commands.reject },
  events: { Placed },
  queries: { total: () => undefined },
})
context(Shop, [Order]).implements({
  // @ts-expect-error a handler that prepares the wrong input
  commands: { approve: handle(Order.commands.reject, (input) => ({ id: input.id })) },
  events: { Placed },
  queries: { total: () => undefined },
})

declare const orderId: import('dure').Id<'Order'>
const Silent = contract('Silent', { commands: { approve: { id: ref('Order') } } })
// @ts-expect-error a rejection that the contract does not declare
context(Silent, []).implements({ commands: { approve } })
const Nameless = contract('Nameless', {
  commands: { approve: {} },
  rejections: { AlreadyDecided: {}, TooExpensive: {} },
})
// @ts-expect-error nothing says which order to approve
context(Nameless, []).implements({ commands: { approve } })

policy('x')
  .on(OrderPlaced)
  .issues({ reserve: Stock.commands.reserve })
  // @ts-expect-error issuing what was not declared
  .do((_, __, c) => c.release('x'))
policy('x')
  .on(Ordering.events.OrderPlaced)
  .issues({ reserve: Stock.commands.reserve })
  // @ts-expect-error the id of another kind of aggregate
  .do((_, m, c) => c.reserve(orderId, { order: m.id, quantity: 1 }))
policy('x')
  .on(OrderPlaced)
  .issues({ reserve: Stock.commands.reserve })
  // @ts-expect-error a policy that decides without issuing
  .do(() => 1)
reserveStock.rejected((no, _, m, { refuse }) => {
  const name: 'OutOfStock' = no.rejected
  const free: number = no.data.free
  return name === 'OutOfStock' ? refuse(no.id, { order: m.id, wanted: free }) : []
})

const Row = { id: ref('Order'), status: oneOf('a', 'b') }
// @ts-expect-error a key that is not a field of the row
view('V', 'nope', Row)
view('V', 'id', Row).on(
  OrderPlaced,
  (_, m) => m.id,
  // @ts-expect-error a row with a word it does not know
  (_, __, m) => ({ id: m.id, status: 'c' }),
)
view('V', 'id', Row).on(
  OrderPlaced,
  (e) => e.customer,
  (row) => row ?? null,
)
view('V', 'id', Row).on(
  OrderPlaced,
  // @ts-expect-error a field that the event does not have
  (e) => e.nope,
  (row) => row ?? null,
)

export const unused = [aggregate, event]
