import * as z from 'zod'
import type { Id, Loaded, Repository } from 'dure'
import { aggregate, event, oneOf, optional, ref } from 'dure'
import { Money, Order, OrderApproved, OrderPlaced, type OrderLine } from '../../test/fixtures/ordering.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const yes = <T extends true>(): T => true as T

declare const orders: Repository<typeof Order>
declare const order: Loaded<typeof Order>

// The handle knows state, commands and their exact answers.
export async function handles(id: Id<'Order'>): Promise<unknown> {
  const loaded = await orders.load(id)
  const decided = loaded.approve()
  if (!decided.ok) {
    yes<Equal<(typeof decided)['rejected'], 'AlreadyDecided' | 'TooExpensive'>>()
    if (decided.rejected === 'AlreadyDecided') {
      yes<Equal<typeof decided.data.status, 'pending' | 'approved' | 'rejected'>>()
    }
    return decided.rejected
  }
  yes<Equal<(typeof decided.events)[number]['type'], 'OrderApproved'>>()
  await orders.save(decided.next)
  const again = decided.next.reject({ reason: 'late' })
  if (again.ok) await orders.save(again.next)
  await orders.delete(loaded)
  const line: OrderLine | undefined = loaded.state.lines[0]
  const money: Money | undefined = line?.subtotal.plus(loaded.state.total)
  yes<Equal<typeof loaded.state.reason, string | undefined>>()
  const placed = orders.create.place({ customer: 'c', lines: [], shipTo: { zipcode: '04524', addr1: 'x' } })
  if (!placed.ok) yes<Equal<(typeof placed)['rejected'], 'EmptyOrder' | 'TooExpensive'>>()
  return money
}

export const mistakes = {
  // @ts-expect-error the wrong kind of id
  load: () => orders.load('x' as Id<'Customer'>),
  // @ts-expect-error a command without its input
  input: () => order.reject(),
  // @ts-expect-error a field of the wrong type
  type: () => order.reject({ reason: 1 }),
  // @ts-expect-error a factory is not a method of a handle
  factory: () => order.place({}),
  // @ts-expect-error state cannot be changed
  frozen: () => (order.state.status = 'approved'),
  // @ts-expect-error a value object field of the wrong type
  value: () => new Money({ amount: '1', currency: 'KRW' }),
  // @ts-expect-error a currency that is not one of the words
  word: () => new Money({ amount: 1, currency: 'EUR' }),
}

// @ts-expect-error an unknown rejection
Order.command('x', {}, (_, __, { reject }) => reject('Nope'))
// @ts-expect-error a rejection without its data
Order.command('x', {}, (_, __, { reject }) => reject('AlreadyDecided'))
// @ts-expect-error an unknown event
Order.command('x', {}, (_, __, { emit }) => emit.Nope({}))
// @ts-expect-error an event with the wrong data
Order.command('x', {}, (_, __, { emit }) => emit.OrderRejected({ reason: 1 }))
// @ts-expect-error a decision that returns nothing
Order.command('x', {}, () => undefined)
// @ts-expect-error an event that emit did not make
Order.command('x', {}, () => ({ type: 'OrderApproved', data: {} }))
// @ts-expect-error a second command of the same name
Order.command('approve', {}, (_, __, { emit }) => emit.OrderApproved({}))
// @ts-expect-error a command named like a property of the handle
Order.command('version', {}, (_, __, { emit }) => emit.OrderApproved({}))
// @ts-expect-error a factory whose first event starts nothing
Order.factory('x', {}, (_, { emit }) => emit.OrderApproved({}))
// @ts-expect-error an invariant after the commands it should guard
Order.invariant('EmptyOrder', () => true)

const Status = oneOf('open', 'closed')
const Opened = event('Opened', { by: ref('Member') })
const Closed = event('Closed', {})
const shape = {
  state: { status: Status },
  events: { Opened, Closed },
  rejections: { Late: { days: z.int() } },
}
const Loan = aggregate('Loan', shape).starts({ Opened: () => ({ status: 'open' }) })

// @ts-expect-error a word that the state does not know
aggregate('Loan', shape).starts({ Opened: () => ({ status: 'nope' }) })
// @ts-expect-error starting with an event that is not declared
aggregate('Loan', shape).starts({ Opend: () => ({ status: 'open' }) })
// @ts-expect-error an event that nothing handles
Loan.evolves({})
// @ts-expect-error a handler for an event that starts
Loan.evolves({ Closed: (s) => s, Opened: (s) => s })
// @ts-expect-error an event both starting and ending
Loan.ends('Opened')
// @ts-expect-error a rejection with data, without that data
Loan.evolves({ Closed: () => ({ status: 'closed' }) }).invariant('Late', () => true)
// @ts-expect-error a rejection that is not declared
Loan.evolves({ Closed: () => ({ status: 'closed' }) }).invariant('Later', () => true)

// A unique value is a text or several, under a rejection with its data; every decision may meet it.
const Member = aggregate('Member', {
  state: { email: z.string(), house: optional(z.string()) },
  events: { Joined: event('Joined', { email: z.string() }) },
  rejections: { EmailTaken: {}, HouseTaken: { house: z.string() } },
}).starts({ Joined: (e) => e })
const Unique = Member.unique('EmailTaken', (it) => it.email)
  .unique(
    'HouseTaken',
    (it) => it.house && [it.house, it.email],
    (it) => ({ house: it.house ?? '' }),
  )
  .factory('join', { email: z.string() }, (input, { emit }) => emit.Joined(input))
yes<Equal<NonNullable<(typeof Unique.commands.join)['~rejects']>, 'EmailTaken' | 'HouseTaken'>>()
// @ts-expect-error a rejection with data, without that data
Member.unique('HouseTaken', (it) => it.house)
// @ts-expect-error a rejection that is not declared
Member.unique('NameTaken', (it) => it.email)
// @ts-expect-error a value that is no text
Member.unique('EmailTaken', (it) => ({ email: it.email }))
// @ts-expect-error a unique value after the commands it should guard
Unique.unique('EmailTaken', (it) => it.email)

// Where nothing is left to evolve, the step may be left out; where something is, it may not.
const Once = aggregate('Once', { state: {}, events: { Closed } }).starts({ Closed: () => ({}) })
Once.factory('close', {}, (_, { emit }) => emit.Closed({}))
aggregate('Once', { state: {}, events: { Opened, Closed } })
  .starts({ Opened: () => ({}) })
  .ends('Closed')
  .factory('open', { by: ref('Member') }, (input, { emit }) => emit.Opened(input))
// @ts-expect-error Closed is neither started with, ended with nor evolved
Loan.factory('open', { by: ref('Member') }, (input, { emit }) => emit.Opened(input))

const Plain = Loan.evolves({ Closed: () => ({ status: 'closed' }) })
declare const loans: Repository<typeof Plain>
declare const loan: Loaded<typeof Plain>
// @ts-expect-error an aggregate without an ending event cannot be deleted
export const undeletable = (): unknown => loans.delete(loan)

// Versions of an event: each map leads to the next shape.
export const Renamed = event('Renamed', { name: z.string(), by: z.string() })
  .from(2, { name: z.string() }, (old) => ({ name: old.name, by: 'unknown' }))
  .from(1, { title: z.string() }, (old) => ({ name: old.title }))
// @ts-expect-error a map that does not lead to the next shape
event('Renamed', { name: z.string() }).from(1, { title: z.string() }, (old) => ({ title: old.title }))

yes<Equal<typeof OrderPlaced.name, 'OrderPlaced'>>()
yes<Equal<typeof OrderApproved.version, number>>()
