import { domainService } from 'dure'

const dayMs = 86_400_000
const days = 14

/** Whether an order has waited for a decision for so long that it no longer gets one. */
export const isForgotten = domainService(
  'DecisionPeriod',
  (placedAt: Date, at: Date) => at.getTime() - placedAt.getTime() > days * dayMs,
)
