import * as z from 'zod'
import {
  actor,
  aggregate,
  allOf,
  anyOf,
  context,
  contract,
  event,
  list,
  owner,
  ref,
  role,
  signedIn,
} from 'dure'

// What a decision looks at is known from where it stands, also inside anyOf and allOf.

const Opened = event('Opened', { customer: z.string(), amount: z.int() })
const Closed = event('Closed', { why: z.string() })
const shape = { state: { customer: z.string(), amount: z.int() }, events: { Opened, Closed } }
const started = aggregate('Account', shape)
  .starts({ Opened: (e) => e })
  .evolves({ Closed: (account) => account })

const Account = started
  .factory('open', { customer: z.string(), amount: z.int() }, (input, { emit }) => emit.Opened(input), {
    allow: allOf(
      signedIn,
      actor((input) => input.customer),
    ),
  })
  .command('close', { why: z.string() }, (_, input, { emit }) => emit.Closed(input), {
    allow: anyOf(
      role('clerk'),
      allOf(
        owner((account) => account.customer),
        actor((input) => input.why),
      ),
    ),
  })

started.command('close', { why: z.string() }, (_, input, { emit }) => emit.Closed(input), {
  // @ts-expect-error -- the state has no such field
  allow: owner((account) => account.holder),
})
started.command('close', { why: z.string() }, (_, input, { emit }) => emit.Closed(input), {
  // @ts-expect-error -- an amount is nobody
  allow: owner((account) => account.amount),
})
started.command('close', { why: z.string() }, (_, input, { emit }) => emit.Closed(input), {
  // @ts-expect-error -- the input has no such field
  allow: anyOf(actor((input) => input.customer)),
})
// @ts-expect-error -- what is being created belongs to nobody yet
started.factory('open', { customer: z.string(), amount: z.int() }, (input, { emit }) => emit.Opened(input), {
  allow: owner((account: { readonly customer: string }) => account.customer),
})

const Bank = contract('Bank', {
  commands: { close: { id: ref('Account'), why: z.string() } },
  queries: {
    account: { in: { id: ref('Account') }, out: { customer: z.string() } },
    accounts: { in: { customer: z.string() }, out: list(z.string()) },
  },
})
const queries = { account: () => ({ customer: 'c' }), accounts: () => [] }
const commands = { close: Account.commands.close }

context(Bank, [Account]).implements({
  commands,
  queries,
  allow: {
    commands: { close: actor(({ id }) => id) },
    queries: {
      account: anyOf(
        role('clerk'),
        owner((account) => account.customer),
        actor(({ id }) => id),
      ),
      accounts: anyOf(
        actor(({ customer }) => customer),
        owner((all) => all[0]),
      ),
    },
  },
})
context(Bank, [Account]).implements({
  commands,
  queries,
  allow: {
    // @ts-expect-error -- the answer has no such field
    queries: { account: owner((account) => account.holder) },
  },
})
context(Bank, [Account]).implements({
  commands,
  queries,
  allow: {
    // @ts-expect-error -- the contract has no such query
    queries: { nothing: signedIn },
  },
})

// @ts-expect-error -- a role has a name
role()
