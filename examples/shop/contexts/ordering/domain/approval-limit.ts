import type { Price } from '@shop/kernel'
import { domainService } from 'dure'

const limits = { KRW: 300_000, USD: 300_00 }

/** Whether an order is so small that nobody has to look at it. */
export const isSmall = domainService(
  'ApprovalLimit',
  (total: Price) => total.amount <= limits[total.currency],
)
