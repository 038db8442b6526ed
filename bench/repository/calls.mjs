/** Lines of each order. */
export const LINES = 20

export const numberOf = (i) => `order-${String(i).padStart(6, '0')}`

/** The input that places order `i`. */
export function orderInput(i) {
  return {
    number: numberOf(i),
    customer: `customer-${i % 100}`,
    shipTo: {
      street: `Long Road ${i % 250}`,
      zipcode: String(10_000 + (i % 90_000)),
      city: 'Busan',
      country: 'KR',
    },
    lines: Array.from({ length: LINES }, (_, at) => ({
      line: at + 1,
      product: `product-${(i * 7 + at) % 500}`,
      quantity: 1 + ((i + at) % 5),
      price: { amount: 100 + ((i * 31 + at * 17) % 9_900), currency: 'EUR' },
    })),
  }
}

/** The `n`th change of order `i`, from 1: always a quantity that the line did not have before. */
export function changeInput(i, n) {
  return { line: 1 + ((i + n) % LINES), quantity: 10 + n }
}
