import { system } from 'dure'
import { asState } from 'dure/persistence'
import { Fulfilment, fulfilment } from './fulfilment.ts'
import { Account, Ledger, ledger } from './ledger.ts'
import { Orders, orders } from './orders.ts'

/**
 * Made to be audited: what is ordered is packed, what is packed is booked, each by a policy of another context. Every
 * command carries a mark that stands in all the events that follow from it.
 */
export const chaos = system('Chaos', {
  contexts: [orders, fulfilment, ledger],
  map: [
    { upstream: Orders, downstream: Fulfilment, as: 'anti-corruption' },
    { upstream: Orders, downstream: Ledger, as: 'conformist' },
    { upstream: Fulfilment, downstream: Ledger, as: 'conformist' },
  ],
})

/** One aggregate stands in tables. */
export const persistence = [asState(Account)]
