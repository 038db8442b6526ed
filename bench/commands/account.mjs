import { systemWorld } from 'dure/host'
import { LIMIT } from './calls.mjs'

// What a careful programmer writes instead of a framework.

/** An account after events, oldest first. */
export function fold(events, before) {
  let state = before
  for (const { type, data } of events) {
    if (type === 'AccountOpened') state = { owner: data.owner, balance: data.first }
    else state = { ...state, balance: state.balance + data.amount }
  }
  return state
}

/** The event of a deposit; throws where it is refused. */
export function decideDeposit(state, { amount, note }) {
  if (!Number.isSafeInteger(amount) || amount < 1) throw new Error(`${amount} is no amount`)
  if (typeof note !== 'string' || note.length > 200) throw new Error('the note is no text, or too long')
  if (state.balance + amount > LIMIT) throw new Error('the limit is exceeded')
  return { type: 'Deposited', data: { amount, note } }
}

/** The facts that stand beside each event, as Dure keeps them: who, why, for whom. */
export function envelope() {
  const command = systemWorld.newId()
  return ['', 'Account', 7, 1, 'bench', command, command]
}
