import { randomUUID } from 'node:crypto'
import { priceOf } from './model.mjs'

/** What a query and a command do behind their calls, written by hand: checked, and a command once under its key. */
export function pricingByHand() {
  const replies = new Map()
  const offers = new Map()
  return {
    price(input) {
      checkProduct(input.product)
      if (!Number.isSafeInteger(input.quantity)) throw new TypeError('quantity: expected a whole number')
      return priceOf(input)
    },
    offer(input, key) {
      checkProduct(input.product)
      if (!Number.isSafeInteger(input.amount)) throw new TypeError('amount: expected a whole number')
      const known = replies.get(key)
      if (known !== undefined) return known
      const id = randomUUID()
      offers.set(id, { version: 1, events: [{ type: 'Offered', data: { ...input } }] })
      const reply = { id, version: 1 }
      replies.set(key, reply)
      return reply
    },
  }
}

function checkProduct(product) {
  if (typeof product !== 'string' || product.length === 0 || product.length > 200) {
    throw new TypeError('product: expected an id')
  }
}

/** What a caller may rely on. */
export function checkPrice(answer) {
  if (typeof answer.product !== 'string' || !Number.isSafeInteger(answer.amount))
    throw new TypeError('no price')
  return answer
}
