import { publish } from 'dure'
import * as inner from '../domain/stock-events.ts'

// The stock's id is the product's: see stockOf.
export const publications = {
  StockOpened: publish(inner.StockOpened, ({ product }) => ({ product })),
  StockReserved: publish(inner.StockReserved, (e, m) => ({ product: m.id, ...e })),
  StockRefused: publish(inner.StockRefused, (e, m) => ({ product: m.id, ...e })),
}
