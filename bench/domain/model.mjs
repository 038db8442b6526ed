import * as v from 'valibot'
import * as z from 'zod'
import { aggregate, context, contract, event, policy, ref, system, view } from 'dure'

// The fields stand apart from the model: the hand-written code validates with the very same schemas.
export const fields = {
  number: z.string().min(1).max(40),
  owner: v.pipe(v.string(), v.minLength(1), v.maxLength(80)),
  amount: z.int().positive(),
  note: z.string().max(200),
}
/** What an account may hold; both sides refuse more. */
export const LIMIT = 1_000_000_000

const { number, owner, amount, note } = fields
const AccountOpened = event('AccountOpened', { number, owner, first: amount })
const Deposited = event('Deposited', { amount, note })

const Account = aggregate('Account', {
  state: { owner, balance: z.int() },
  events: { AccountOpened, Deposited },
  rejections: { LimitExceeded: { balance: z.int() } },
})
  .starts({ AccountOpened: (e) => ({ owner: e.owner, balance: e.first }) })
  .evolves({ Deposited: (account, e) => ({ ...account, balance: account.balance + e.amount }) })
  .factory('open', { number, owner, first: amount }, (input, { emit }) => emit.AccountOpened(input), {
    id: (input) => input.number,
  })
  .command('deposit', { amount, note }, (account, input, { emit, reject }) =>
    account.balance + input.amount > LIMIT
      ? reject('LimitExceeded', { balance: account.balance })
      : emit.Deposited(input),
  )

const Bank = contract('Bank', {
  commands: { open: { number, owner, first: amount }, deposit: { id: ref('Account'), amount, note } },
  rejections: { LimitExceeded: { balance: z.int() } },
})
const commands = { open: Account.commands.open, deposit: Account.commands.deposit }

/** Commands only: nobody follows the log. */
export const bank = system('Bank', { contexts: [context(Bank, [Account]).implements({ commands })] })

// The same with followers: each deposit changes a row and is entered into a journal, by a view and a policy.
const Entered = event('Entered', { account: ref('Account'), amount })
const Entry = aggregate('Entry', {
  state: { account: ref('Account'), amount },
  events: { Entered },
  rejections: {},
})
  .starts({ Entered: (e) => e })
  .evolves({})
  .factory('enter', { account: ref('Account'), amount }, (input, { emit }) => emit.Entered(input))

const AccountList = view('AccountList', 'id', { id: ref('Account'), owner, balance: z.int() })
  .on(
    AccountOpened,
    (_, m) => m.id,
    (_, e, m) => ({ id: m.id, owner: e.owner, balance: e.first }),
  )
  .on(
    Deposited,
    (_, m) => m.id,
    (row, e) => row && { ...row, balance: row.balance + e.amount },
  )
const enterDeposits = policy('enter deposits into the journal')
  .on(Deposited)
  .issues({ enter: Entry.commands.enter })
  .do((e, m, { enter }) => [enter({ account: m.id, amount: e.amount })])

const systemOf = (name, parts) =>
  system(name, { contexts: [context(Bank, [Account, ...parts]).implements({ commands })] })
export const bankWithView = systemOf('BankWithView', [AccountList])
export const bankWithPolicy = systemOf('BankWithPolicy', [Entry, enterDeposits])
