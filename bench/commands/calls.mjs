/** Events of each stream before a round. */
export const EVENTS = 10

/** What an account may hold; every contestant refuses more. */
export const LIMIT = 1_000_000_000

export const accountOf = (i) => `account-${String(i).padStart(7, '0')}`

export const opened = (i) => ({ type: 'AccountOpened', data: { owner: `Owner ${i}`, first: 1 + (i % 1000) } })

/** The `n`th deposit into an account, from 1; with its event's names about 170 bytes of JSON. */
export const depositOf = (i, n) => ({
  amount: 1 + ((i * 7 + n) % 500),
  note: `deposit number ${n} into the account of the customer with the number ${i}, at the counter of the branch in the Long Road, in cash`,
})

export const deposited = (i, n) => ({ type: 'Deposited', data: depositOf(i, n) })

/** Everything that has happened to account `i` before it takes part: opened, and nine deposits. */
export const pastOf = (i) => [
  opened(i),
  ...Array.from({ length: EVENTS - 1 }, (_, at) => deposited(i, at + 1)),
]
