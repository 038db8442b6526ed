import { daily, job, type JobReading } from 'dure'
import { isForgotten } from '../domain/decision-period.ts'
import { Order } from '../domain/order.ts'
import { OrderList } from './order-list.ts'

const pageSize = 100

/** Orders whose goods are set aside for them, in the order of their ids. */
async function waiting(after: string | undefined, { view }: JobReading<object>) {
  const items = await view(OrderList).list({ where: { status: 'reserved' }, after, limit: pageSize })
  return { items, next: items.length < pageSize ? undefined : items.at(-1)?.id }
}

/** Their goods go back on the shelf. One that was decided meanwhile is left as it is. */
export const rejectForgottenOrders = job('reject orders that nobody has decided in two weeks', {
  on: daily('03:00', 'Asia/Seoul'),
})
  .reads(waiting, { key: (order) => order.id })
  .issues({ reject: Order.commands.reject })
  .do(({ id, placedAt }, { due }, { reject }) =>
    isForgotten(placedAt, due) ? reject(id, { reason: 'nobody has decided it in two weeks' }) : [],
  )
  .rejected(() => [])
