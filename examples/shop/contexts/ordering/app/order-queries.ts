import type { Id, QueryHandlerOf, Reading } from 'dure'
import type { Ordering } from '../contract.ts'
import { Order } from '../domain/order.ts'
import { CustomerBook } from './customer-book.ts'
import { OrderList } from './order-list.ts'

/** The newest first, with the customers' names of today. */
export const orders: QueryHandlerOf<typeof Ordering.queries.orders> = async (
  { status, customer },
  reading,
) => {
  const where = { status, customer }
  const rows = await reading.view(OrderList).list({ where, orderBy: 'placedAt', descending: true })
  const names = await namesOf(new Set(rows.map((row) => row.customer)), reading)
  return rows.map((row) => ({ ...row, customerName: names.get(row.customer) }))
}

export const orderById: QueryHandlerOf<typeof Ordering.queries.orderById> = async ({ id }, reading) => {
  const order = await reading.repository(Order).find(id)
  if (order === undefined) return undefined
  const { customer } = order.state
  const names = await namesOf(new Set([customer]), reading)
  return { id, ...order.state, customerName: names.get(customer) }
}

async function namesOf(
  customers: ReadonlySet<Id<'Customer'>>,
  reading: Reading,
): Promise<ReadonlyMap<string, string>> {
  const rows = await Promise.all([...customers].map((it) => reading.view(CustomerBook).get(it)))
  return new Map(rows.flatMap((row) => (row ? [[row.customer, row.name] as const] : [])))
}
