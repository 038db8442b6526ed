import * as z from 'zod'
import { oneOf, valueObject } from 'dure'

/** An amount of money in the smallest unit of its currency: 원 (won) or cents. */
export class Price extends valueObject('Price', {
  amount: z.int().nonnegative(),
  currency: oneOf('KRW', 'USD'),
}) {
  times(quantity: number): Price {
    return this.with({ amount: this.amount * quantity })
  }

  /** Only for prices of one currency; what may mix them asks `sameCurrency` first. */
  plus(other: Price): Price {
    return this.with({ amount: this.amount + other.amount })
  }

  sameCurrency(other: Price): boolean {
    return this.currency === other.currency
  }
}
