import { systemWorld } from 'dure/host'

// The same aggregate without a framework: what a careful programmer writes. TypeORM and MikroORM map these very classes.

export class Money {
  amount
  currency

  constructor(amount, currency) {
    this.amount = amount
    this.currency = currency
  }
}

export class Address {
  street
  zipcode
  city
  country

  constructor(street, zipcode, city, country) {
    this.street = street
    this.zipcode = zipcode
    this.city = city
    this.country = country
  }
}

export class OrderLine {
  line
  product
  quantity
  price

  constructor(line, product, quantity, price) {
    this.line = line
    this.product = product
    this.quantity = quantity
    this.price = price
  }
}

export class Order {
  id
  version
  customer
  shipTo
  status
  total
  lines

  constructor(id, version, customer, shipTo, status, total, lines) {
    this.id = id
    this.version = version
    this.customer = customer
    this.shipTo = shipTo
    this.status = status
    this.total = total
    this.lines = lines
  }
}

/** What happened, with who and why beside it as Dure keeps them. */
export class OrderEvent {
  type
  data
}

/** Changes one line and the total with it; the event that says so. */
export function changeQuantity(order, { line, quantity }) {
  if (!Number.isSafeInteger(quantity) || quantity < 1) throw new Error(`${quantity} is no quantity`)
  if (order.status !== 'placed') throw new Error(`${order.id} has left`)
  let changed
  let sum = 0
  // MikroORM's collection can be walked, too.
  for (const it of order.lines) {
    if (it.line === line) {
      it.quantity = quantity
      changed = it
    }
    sum += it.quantity * it.price.amount
  }
  if (changed === undefined) throw new Error(`${order.id} has no line ${line}`)
  order.total = new Money(sum, order.total.currency)
  return quantityChanged(line, quantity, order.total)
}

export const orderPlaced = ({ customer, shipTo, total, lines }) => ({
  type: 'OrderPlaced',
  data: { customer, shipTo, total, lines },
})
const quantityChanged = (line, quantity, total) => ({
  type: 'QuantityChanged',
  data: { line, quantity, total },
})

/** An order as it is when it is placed; throws on what an order cannot be. */
export function place({ number, customer, shipTo, lines }) {
  if (!/^.{1,40}$/.test(number)) throw new Error('an order needs a number')
  const made = lines.map(({ line, product, quantity, price }) => {
    if (!Number.isSafeInteger(quantity) || quantity < 1) throw new Error(`${quantity} is no quantity`)
    return new OrderLine(line, product, quantity, new Money(price.amount, price.currency))
  })
  const { street, zipcode, city, country } = shipTo
  const total = new Money(
    made.reduce((sum, it) => sum + it.quantity * it.price.amount, 0),
    made[0].price.currency,
  )
  return new Order(number, 1, customer, new Address(street, zipcode, city, country), 'placed', total, made)
}

/** An order after events, oldest first, from what it was before. */
export function fold(id, events, before) {
  let order = before
  for (const { type, data } of events) {
    if (type === 'OrderPlaced') order = orderOf(id, { ...data, status: 'placed' })
    else {
      order.lines.find((it) => it.line === data.line).quantity = data.quantity
      order.total = new Money(data.total.amount, data.total.currency)
    }
    order.version++
  }
  return order
}

/** An order of plain data, as events and snapshots hold it; its version is for the caller to know. */
export function orderOf(id, { customer, shipTo, status, total, lines }, version = 0) {
  const { street, zipcode, city, country } = shipTo
  const address = new Address(street, zipcode, city, country)
  const made = lines.map(
    (it) => new OrderLine(it.line, it.product, it.quantity, new Money(it.price.amount, it.price.currency)),
  )
  return new Order(id, version, customer, address, status, new Money(total.amount, total.currency), made)
}

/** The facts that stand beside each event: who, why, for whom. */
export function envelope() {
  const command = systemWorld.newId()
  return { tenant: '', slice: 7, schema: 1, actor: 'bench', command, correlation: systemWorld.newId() }
}
