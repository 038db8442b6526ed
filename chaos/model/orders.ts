import * as z from 'zod'
import {
  aggregate,
  context,
  contract,
  event,
  list,
  object,
  oneOf,
  publish,
  ref,
  view,
  type Output,
} from 'dure'
import { trailed } from './trail.ts'

/** What becomes of a line later: one of the two others is refused by a policy, which parks what comes after it. */
export const Note = oneOf('fine', 'unpackable', 'unbookable')
export type Note = Output<typeof Note>

const Line = { mark: z.string(), amount: z.int(), note: Note }
const Placed = { account: ref('Account'), name: z.string(), mark: z.string() }

const Row = { id: ref('Order'), name: z.string(), lines: z.int(), total: z.int(), trail: z.number() }

export const Orders = contract('Orders', {
  commands: { placeOrder: Placed, addLine: { id: ref('Order'), ...Line } },
  events: { OrderPlaced: { account: ref('Account'), mark: z.string() }, LineAdded: Line },
  rejections: { NameTaken: { name: z.string() } },
  queries: { orders: { in: { offset: z.int() }, out: list(object(Row)) } },
})

const OrderPlaced = event('OrderPlaced', Placed)
const LineAdded = event('LineAdded', Line)

/** Takes every line it is told, also one it has: whatever is done twice must show. */
export const Order = aggregate('Order', {
  state: { account: ref('Account'), name: z.string(), lines: z.int(), total: z.int() },
  events: { OrderPlaced, LineAdded },
  rejections: { NameTaken: { name: z.string() } },
})
  .starts({ OrderPlaced: ({ account, name }) => ({ account, name, lines: 0, total: 0 }) })
  .evolves({
    LineAdded: (order, { amount }) => ({ ...order, lines: order.lines + 1, total: order.total + amount }),
  })
  .unique(
    'NameTaken',
    ({ name }) => name,
    ({ name }) => ({ name }),
  )
  .factory('place', Placed, (input, { emit }) => emit.OrderPlaced(input))
  .command('addLine', Line, (_, input, { emit }) => emit.LineAdded(input))

const OrderList = view('OrderList', 'id', Row)
  .on(
    OrderPlaced,
    (_, m) => m.id,
    (_, { name, mark }, m) => ({ id: m.id, name, lines: 0, total: 0, trail: trailed(0, mark) }),
  )
  .on(
    LineAdded,
    (_, m) => m.id,
    (row, { mark, amount }) =>
      row && { ...row, lines: row.lines + 1, total: row.total + amount, trail: trailed(row.trail, mark) },
  )

export const orders = context(Orders, [Order, OrderList]).implements({
  commands: { placeOrder: Order.commands.place, addLine: Order.commands.addLine },
  events: {
    OrderPlaced: publish(OrderPlaced, ({ account, mark }) => ({ account, mark })),
    LineAdded: publish(LineAdded, (line) => line),
  },
  queries: {
    orders: ({ offset }, reading) => reading.view(OrderList).list({ orderBy: 'id', limit: 1000, offset }),
  },
})
