import * as z from 'zod'
import { aggregate, entity, event, list, object, oneOf, optional, ref, valueObject, type Id } from 'dure'
import { asEvents, asState, type ListPathOf, type PathOf } from 'dure/persistence'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const yes = <T extends true>(): T => true as T

class Money extends valueObject('Money', { amount: z.int(), currency: oneOf('KRW', 'USD') }) {}
class Note extends entity('Note', 'noteId', { noteId: z.string(), text: z.string() }) {}
class Line extends entity('Line', 'lineId', {
  lineId: z.string(),
  product: ref('Product'),
  price: Money,
  notes: list(Note),
}) {}
class Address extends valueObject('Address', { zipcode: z.string(), geo: object({ lat: z.number() }) }) {}

const state = {
  email: z.string(),
  address: Address,
  before: optional(Address),
  lines: list(Line),
  former: optional(list(Line)),
  prices: list(Money),
  data: z.object({ a: z.string() }),
}
const Joined = event('Joined', state)
const Imported = event('Imported', { email: z.string() })
const Moved = event('Moved', { address: Address })
const Customer = aggregate('Customer', { state, events: { Joined, Imported, Moved } })
  .starts({ Joined: (e) => e, Imported: (e) => e as never })
  .evolves({ Moved: (it, { address }) => ({ ...it, address }) })

type AddressPath<P extends string> = P | `${P}.zipcode` | `${P}.geo` | `${P}.geo.lat`
type LinePath = 'lineId' | 'product' | 'price' | 'price.amount' | 'price.currency' | NotePath
type NotePath = 'notes' | 'notes.noteId' | 'notes.text'

// Every field that may have a name of its own, and nothing else.
yes<
  Equal<
    PathOf<typeof state>,
    | 'email'
    | AddressPath<'address'>
    | AddressPath<'before'>
    | 'lines'
    | `lines.${LinePath}`
    | 'former'
    | `former.${LinePath}`
    | 'prices'
    | 'data'
  >
>()
yes<Equal<ListPathOf<typeof state>, 'lines' | 'lines.notes'>>()
yes<Equal<ListPathOf<{ a: typeof Address }>, never>>()

export const listed = [
  asState(Customer),
  asEvents(Customer),
  asEvents(Customer, { snapshots: 'never' }),
  asEvents(Customer, { snapshots: { every: 100 }, revision: 2 }),
  asState(Customer, {
    table: 'crm.customers',
    id: 'customer_no',
    tenant: false,
    version: 'dure_version',
    shape: 'dure_shape',
    columns: { email: 'mail', 'address.zipcode': 'zip', lines: 'order_items', 'lines.price.amount': 'price' },
    children: { lines: { parent: 'order_id', ordinal: 'position' }, 'lines.notes': { parent: ['a', 'b'] } },
    adopt: (it, { id, emit }) => {
      yes<Equal<typeof id, Id<'Customer'>>>()
      yes<Equal<typeof it.email, string>>()
      return emit.Joined(it)
    },
  }),
  asState(Customer, { adopt: (it, { emit }) => [emit.Imported({ email: it.email }), emit.Moved(it)] }),
]

// @ts-expect-error a field that the state does not have
asState(Customer, { columns: { emial: 'mail' } })
// @ts-expect-error a field that the value object does not have
asState(Customer, { columns: { 'address.zip': 'zip' } })
// @ts-expect-error a field inside what one column holds
asState(Customer, { columns: { 'data.a': 'a' } })
// @ts-expect-error a list of values has no table
asState(Customer, { children: { prices: { ordinal: 'at' } } })
// @ts-expect-error a name that is no text
asState(Customer, { columns: { email: 1 } })
// @ts-expect-error an event whose data is wrong
asState(Customer, { adopt: (_, { emit }) => emit.Imported({ mail: 'x' }) })
// @ts-expect-error an event that starts nothing
asState(Customer, { adopt: (it, { emit }) => emit.Moved(it) })
// @ts-expect-error a first event that starts nothing
asState(Customer, { adopt: (it, { emit }) => [emit.Moved(it), emit.Joined(it)] })
// @ts-expect-error an event that emit did not make
asState(Customer, { adopt: (it) => ({ type: 'Joined', data: it }) })
// @ts-expect-error no event at all
asState(Customer, { adopt: () => [] })
// @ts-expect-error a way of taking snapshots that there is not
asEvents(Customer, { snapshots: 'always' })
// @ts-expect-error tables are for what is kept as state
asEvents(Customer, { table: 'customers' })
