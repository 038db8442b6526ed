import * as v from 'valibot'
import * as z from 'zod'
import { fields, LIMIT } from './model.mjs'

// The same business without a framework: what a careful programmer writes for these two commands.

const owner = (input) => v.parse(fields.owner, input)
const opening = z.strictObject({ number: fields.number, owner: z.string(), first: fields.amount })
const depositing = z.strictObject({ id: z.string(), amount: fields.amount, note: fields.note })

export function readOpening(input) {
  const read = opening.parse(input)
  return { ...read, owner: owner(read.owner) }
}

export function readDepositing(input) {
  return depositing.parse(input)
}

export function decideOpen({ number, owner, first }) {
  return { type: 'AccountOpened', data: { number, owner, first } }
}

/** The event, or undefined for a no. */
export function decideDeposit(account, { amount, note }) {
  return account.balance + amount > LIMIT ? undefined : { type: 'Deposited', data: { amount, note } }
}

/** The account after events, oldest first, from what it was before. */
export function fold(events, before) {
  let account = before
  for (const { type, data } of events) {
    account =
      type === 'AccountOpened'
        ? { owner: data.owner, balance: data.first }
        : { ...account, balance: account.balance + data.amount }
  }
  return account
}
