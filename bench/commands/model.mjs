import * as z from 'zod'
import { aggregate, context, contract, event, ref, system } from 'dure'
import { LIMIT } from './calls.mjs'

const amount = z.int().positive()
const note = z.string().max(200)
const AccountOpened = event('AccountOpened', { owner: z.string(), first: amount })
const Deposited = event('Deposited', { amount, note })

export const Account = aggregate('Account', {
  state: { owner: z.string(), balance: z.int() },
  events: { AccountOpened, Deposited },
  rejections: { LimitExceeded: { balance: z.int() } },
})
  .starts({ AccountOpened: (e) => ({ owner: e.owner, balance: e.first }) })
  .evolves({ Deposited: (account, e) => ({ ...account, balance: account.balance + e.amount }) })
  .command('deposit', { amount, note }, (account, input, { emit, reject }) =>
    account.balance + input.amount > LIMIT
      ? reject('LimitExceeded', { balance: account.balance })
      : emit.Deposited(input),
  )

/** A system of one context with this name; its accounts are put into the store. */
export function bankNamed(name) {
  const terms = contract(name, {
    commands: { deposit: { id: ref('Account'), amount, note } },
    rejections: { LimitExceeded: { balance: z.int() } },
  })
  return system(name, {
    contexts: [context(terms, [Account]).implements({ commands: { deposit: Account.commands.deposit } })],
  })
}
