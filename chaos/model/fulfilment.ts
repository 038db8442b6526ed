import * as z from 'zod'
import {
  aggregate,
  context,
  contract,
  event,
  list,
  object,
  optional,
  policy,
  publish,
  ref,
  translate,
  view,
  type Id,
} from 'dure'
import { Note, Orders } from './orders.ts'
import { trailed } from './trail.ts'

const Line = { mark: z.string(), amount: z.int(), note: Note }
const Row = { id: ref('Shipment'), lines: z.int(), total: z.int(), trail: z.number() }

export const Fulfilment = contract('Fulfilment', {
  commands: {},
  events: { LinePacked: { account: ref('Account'), order: ref('Order'), ...Line } },
  queries: { shipments: { in: { offset: z.int() }, out: list(object(Row)) } },
})

const ShipmentOpened = event('ShipmentOpened', { account: ref('Account'), mark: z.string() })
const LinePacked = event('LinePacked', { account: ref('Account'), ...Line })

const Shipment = aggregate('Shipment', {
  state: { account: ref('Account'), lines: z.int() },
  events: { ShipmentOpened, LinePacked },
  rejections: { Unpackable: { mark: z.string() } },
})
  .starts({ ShipmentOpened: ({ account }) => ({ account, lines: 0 }) })
  .evolves({ LinePacked: (shipment) => ({ ...shipment, lines: shipment.lines + 1 }) })
  .factory(
    'open',
    { order: ref('Order'), account: ref('Account'), mark: z.string() },
    ({ account, mark }, { emit }) => emit.ShipmentOpened({ account, mark }),
    { id: ({ order }) => shipmentOf(order) },
  )
  .command('pack', Line, ({ account }, line, { emit, reject }) =>
    line.note === 'unpackable'
      ? reject('Unpackable', { mark: line.mark })
      : emit.LinePacked({ account, ...line }),
  )

/** A shipment for each order, so the order's id names it. */
function shipmentOf(order: Id<'Order'>): Id<'Shipment'> {
  return order as string as Id<'Shipment'>
}

// One message for both, so that one consumer meets an order's events in their order.
const OrderMoved = event('OrderMoved', {
  order: ref('Order'),
  opened: optional(object({ account: ref('Account'), mark: z.string() })),
  line: optional(object(Line)),
})
const placed = translate(Orders.events.OrderPlaced).into(OrderMoved, (opened, m) => ({ order: m.id, opened }))
const added = translate(Orders.events.LineAdded).into(OrderMoved, (line, m) => ({ order: m.id, line }))

const carryOut = policy('pack what is ordered')
  .on(OrderMoved)
  .issues({ open: Shipment.commands.open, pack: Shipment.commands.pack })
  .do(({ order, opened, line }, _, { open, pack }) => [
    ...(opened ? [open({ order, ...opened })] : []),
    ...(line ? [pack(shipmentOf(order), line)] : []),
  ])

const ShipmentList = view('ShipmentList', 'id', Row)
  .on(
    ShipmentOpened,
    (_, m) => m.id,
    (_, { mark }, m) => ({ id: m.id, lines: 0, total: 0, trail: trailed(0, mark) }),
  )
  .on(
    LinePacked,
    (_, m) => m.id,
    (row, { mark, amount }) =>
      row && { ...row, lines: row.lines + 1, total: row.total + amount, trail: trailed(row.trail, mark) },
  )

export const fulfilment = context(Fulfilment, [Shipment, ShipmentList, placed, added, carryOut]).implements({
  commands: {},
  events: {
    LinePacked: publish(LinePacked, (line, m) => ({ ...line, order: m.id as string as Id<'Order'> })),
  },
  queries: {
    shipments: ({ offset }, reading) =>
      reading.view(ShipmentList).list({ orderBy: 'id', limit: 1000, offset }),
  },
})
