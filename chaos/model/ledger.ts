import * as z from 'zod'
import { aggregate, context, contract, event, list, object, policy, ref, view } from 'dure'
import { Fulfilment } from './fulfilment.ts'
import { Note, Orders } from './orders.ts'
import { trailed } from './trail.ts'

const Row = {
  id: ref('Order'),
  added: z.int(),
  addedTrail: z.number(),
  packed: z.int(),
  packedTrail: z.number(),
  booked: z.int(),
  bookedTrail: z.number(),
}

export const Ledger = contract('Ledger', {
  commands: { openAccount: { name: z.string() } },
  events: {},
  queries: { journeys: { in: { offset: z.int() }, out: list(object(Row)) } },
})

const AccountOpened = event('AccountOpened', { name: z.string() })
const LineBooked = event('LineBooked', { order: ref('Order'), mark: z.string(), amount: z.int() })

/** A few for all orders, so that many bookings meet on one; kept in tables. */
export const Account = aggregate('Account', {
  state: { name: z.string(), bookings: z.int(), balance: z.int() },
  events: { AccountOpened, LineBooked },
  rejections: { Unbookable: { mark: z.string() } },
})
  .starts({ AccountOpened: ({ name }) => ({ name, bookings: 0, balance: 0 }) })
  .evolves({
    LineBooked: (account, { amount }) => ({
      ...account,
      bookings: account.bookings + 1,
      balance: account.balance + amount,
    }),
  })
  .factory('open', { name: z.string() }, (input, { emit }) => emit.AccountOpened(input))
  .command(
    'book',
    { order: ref('Order'), mark: z.string(), amount: z.int(), note: Note },
    (_, { note, ...line }, { emit, reject }) =>
      note === 'unbookable' ? reject('Unbookable', { mark: line.mark }) : emit.LineBooked(line),
  )

const book = policy('book what is packed')
  .on(Fulfilment.events.LinePacked)
  .issues({ book: Account.commands.book })
  .do(({ account, order, mark, amount, note }, _, { book }) => book(account, { order, mark, amount, note }))

const nothing = { added: 0, addedTrail: 0, packed: 0, packedTrail: 0, booked: 0, bookedTrail: 0 }

/** What three contexts tell of an order, in one row. */
const Journeys = view('Journeys', 'id', Row)
  .on(
    Orders.events.LineAdded,
    (_, m) => m.id,
    (row, { mark }, m) => {
      const { added, addedTrail, ...rest } = row ?? { id: m.id, ...nothing }
      return { ...rest, added: added + 1, addedTrail: trailed(addedTrail, mark) }
    },
  )
  .on(
    Fulfilment.events.LinePacked,
    ({ order }) => order,
    (row, { order, mark }) => {
      const { packed, packedTrail, ...rest } = row ?? { id: order, ...nothing }
      return { ...rest, packed: packed + 1, packedTrail: trailed(packedTrail, mark) }
    },
  )
  .on(
    LineBooked,
    ({ order }) => order,
    (row, { order, mark }) => {
      const { booked, bookedTrail, ...rest } = row ?? { id: order, ...nothing }
      return { ...rest, booked: booked + 1, bookedTrail: trailed(bookedTrail, mark) }
    },
  )

export const ledger = context(Ledger, [Account, Journeys, book]).implements({
  commands: { openAccount: Account.commands.open },
  events: {},
  queries: {
    journeys: ({ offset }, reading) => reading.view(Journeys).list({ orderBy: 'id', limit: 1000, offset }),
  },
})
