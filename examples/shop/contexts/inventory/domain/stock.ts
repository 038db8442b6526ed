import * as z from 'zod'
import { aggregate, list, ref, type Id } from 'dure'
import { Reservation } from './reservation.ts'
import {
  StockOpened,
  StockReceived,
  StockRefused,
  StockReleased,
  StockReserved,
  StockShipped,
} from './stock-events.ts'

interface Goods {
  readonly onHand: number
  readonly reservations: readonly Reservation[]
}

const ForLine = { order: ref('Order'), line: z.int() }
const Quantity = z.int().positive()
/** Whom the goods did not suffice for, and by how much: all that is needed to say it on. */
const Refusal = { ...ForLine, wanted: Quantity, free: z.int() }

const heldFor = (stock: Goods, line: { order: string; line: number }): Reservation | undefined =>
  stock.reservations.find((it) => it.isFor(line))

const without = (stock: Goods, line: { order: string; line: number }): readonly Reservation[] =>
  stock.reservations.filter((it) => !it.isFor(line))

const freeIn = (stock: Goods): number =>
  stock.reservations.reduce((free, it) => free - it.quantity, stock.onHand)

/** The goods of one product: what is in the house, and what of it is promised. */
export const Stock = aggregate('Stock', {
  state: { product: ref('Product'), name: z.string(), onHand: z.int(), reservations: list(Reservation) },
  events: { StockOpened, StockReceived, StockReserved, StockRefused, StockReleased, StockShipped },
  rejections: { OutOfStock: Refusal, NotReserved: ForLine },
})
  .starts({ StockOpened: (e) => ({ ...e, onHand: 0, reservations: [] }) })
  .evolves({
    StockReceived: (stock, { quantity }) => ({ ...stock, onHand: stock.onHand + quantity }),
    StockReserved: (stock, e) => ({ ...stock, reservations: [...stock.reservations, new Reservation(e)] }),
    StockRefused: (stock) => stock,
    StockReleased: (stock, e) => ({ ...stock, reservations: without(stock, e) }),
    StockShipped: (stock, e) => ({
      ...stock,
      onHand: stock.onHand - e.quantity,
      reservations: without(stock, e),
    }),
  })
  .factory(
    'open',
    { product: ref('Product'), name: z.string() },
    (input, { emit }) => emit.StockOpened(input),
    { id: ({ product }) => stockOf(product) },
  )
  .command('receive', { quantity: Quantity }, (_, input, { emit }) => emit.StockReceived(input))
  .command('reserve', { ...ForLine, quantity: Quantity }, (stock, input, { emit, reject }) => {
    if (heldFor(stock, input)) return []
    const free = freeIn(stock)
    if (input.quantity <= free) return emit.StockReserved(input)
    const { order, line, quantity: wanted } = input
    return reject('OutOfStock', { order, line, wanted, free })
  })
  .command('refuse', Refusal, (_, input, { emit }) => emit.StockRefused(input))
  .command('release', ForLine, (stock, input, { emit }) => {
    const held = heldFor(stock, input)
    return held ? emit.StockReleased({ ...input, quantity: held.quantity }) : []
  })
  .command('ship', ForLine, (stock, input, { emit, reject }) => {
    const held = heldFor(stock, input)
    return held
      ? emit.StockShipped({ ...input, quantity: held.quantity })
      : reject('NotReserved', { order: input.order, line: input.line })
  })

/** One stock per product, so the product's id names it. */
export function stockOf(product: Id<'Product'>): Id<'Stock'> {
  return product as string as Id<'Stock'>
}
