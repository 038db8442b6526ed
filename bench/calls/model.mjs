import * as z from 'zod'
import { aggregate, context, contract, event, list, object, ref, system } from 'dure'

const Price = { product: ref('Product'), amount: z.int(), currency: z.string() }
const Offering = { product: ref('Product'), amount: z.int() }

/** Answers prices and takes offers. */
export const Pricing = contract('Pricing', {
  commands: { offer: Offering },
  queries: {
    price: { in: { product: ref('Product'), quantity: z.int() }, out: Price },
    prices: { in: { products: list(ref('Product')) }, out: list(object(Price)) },
  },
})

/** Asks for prices: `run` does what a round of a benchmark is made of, inside a handler. */
export const Sales = contract('Sales', {
  queries: { run: { in: { calls: z.int() }, out: { done: z.int() } } },
})

/** The work of the query: none to speak of, so that what is measured is the call. */
export const priceOf = ({ product, quantity }) => ({ product, amount: quantity * 10, currency: 'KRW' })

export const questionOf = (i) => ({ product: `product-${i & 1023}`, quantity: 1 + (i & 7) })
export const offerOf = (i) => ({ product: `product-${i}`, amount: 10 + (i & 7) })

const Offered = event('Offered', Offering)
const Offer = aggregate('Offer', { state: Offering, events: { Offered } })
  .starts({ Offered: (e) => e })
  .factory('make', Offering, (input, { emit }) => emit.Offered(input))

const pricing = context(Pricing, [Offer]).implements({
  commands: { offer: Offer.commands.make },
  queries: {
    price: (input) => priceOf(input),
    prices: ({ products }) => products.map((product) => priceOf({ product, quantity: 1 })),
  },
})

/** Two contexts; `round` gets the reading side of the one that asks. */
export function market(round) {
  const sales = context(Sales, []).implements({
    queries: { run: async ({ calls }, reading) => ({ done: await round(reading, calls) }) },
  })
  return system('BenchCalls', {
    contexts: [pricing, sales],
    map: [{ upstream: Pricing, downstream: Sales, as: 'open-host' }],
  })
}

/** A system of so many contexts with an aggregate, a command and a query each, as large as a monolith may become. */
export function manyContexts(count) {
  const contexts = Array.from({ length: count }, (_, i) => {
    const Made = event(`Made${i}`, Offering)
    const Thing = aggregate(`Thing${i}`, { state: Offering, events: { [`Made${i}`]: Made } })
      .starts({ [`Made${i}`]: (e) => e })
      .factory('make', Offering, (input, { emit }) => emit[`Made${i}`](input))
    const its = contract(`Context${i}`, {
      commands: { make: Offering },
      queries: { price: { in: { product: ref('Product'), quantity: z.int() }, out: Price } },
    })
    return context(its, [Thing]).implements({
      commands: { make: Thing.commands.make },
      queries: { price: (input) => priceOf(input) },
    })
  })
  return system('Many', { contexts })
}
