import * as z from 'zod'
import { ref, view } from 'dure'
import {
  StockOpened,
  StockReceived,
  StockReleased,
  StockReserved,
  StockShipped,
} from '../domain/stock-events.ts'

const Row = {
  id: ref('Stock'),
  product: ref('Product'),
  name: z.string(),
  onHand: z.int(),
  reserved: z.int(),
  free: z.int(),
}

interface Counts {
  readonly onHand: number
  readonly reserved: number
}

function counted<R extends Counts>(row: R, { onHand = 0, reserved = 0 }: Partial<Counts>): R {
  const counts = { onHand: row.onHand + onHand, reserved: row.reserved + reserved }
  return { ...row, ...counts, free: counts.onHand - counts.reserved }
}

export const StockList = view('StockList', 'id', Row)
  .on(
    StockOpened,
    (_, m) => m.id,
    (_, { product, name }, m) => ({ id: m.id, product, name, onHand: 0, reserved: 0, free: 0 }),
  )
  .on(
    StockReceived,
    (_, m) => m.id,
    (row, e) => row && counted(row, { onHand: e.quantity }),
  )
  .on(
    StockReserved,
    (_, m) => m.id,
    (row, e) => row && counted(row, { reserved: e.quantity }),
  )
  .on(
    StockReleased,
    (_, m) => m.id,
    (row, e) => row && counted(row, { reserved: -e.quantity }),
  )
  .on(
    StockShipped,
    (_, m) => m.id,
    (row, e) => row && counted(row, { onHand: -e.quantity, reserved: -e.quantity }),
  )
