import { Price } from '@shop/kernel'
import { domainService } from 'dure'
import type { OrderLine } from './order-line.ts'

/** The sum of all lines; undefined when they mix currencies, which no sum can tell. */
export const totalOf = domainService('OrderTotal', (lines: readonly OrderLine[]): Price | undefined => {
  const [first, ...others] = lines.map((line) => line.subtotal)
  if (first === undefined) return new Price({ amount: 0, currency: 'KRW' })
  if (!others.every((it) => it.sameCurrency(first))) return undefined
  return others.reduce((sum, it) => sum.plus(it), first)
})
