import { systemWorld } from 'dure/host'

/** How many deposits each account gets, so an account is read back from 1 to this many events. */
export const DEPOSITS = 10

export const accountOf = (i) => `account-${i}`
export const openInput = (i) => ({ number: accountOf(i), owner: `Owner ${i}`, first: 1 + (i % 1000) })
// Round by round over all accounts, so two deposits in flight are never for one account.
export const depositInput = (i, accounts) => ({
  id: accountOf(i % accounts),
  amount: 1 + (i % 500),
  note: `deposit number ${i}`,
})

/** What an edge puts around every command; made on both sides. */
export function envelope(key) {
  const id = systemWorld.newId()
  const made = { id, actor: 'bench', tenant: '', correlation: id }
  return key === undefined ? made : { ...made, key }
}

/** Sends the two commands to a host; a no or an error ends the benchmark. */
export function clientOf(application) {
  const send = async (command, input, key) => {
    const reply = await application.command({ context: 'Bank', command, input, envelope: envelope(key) })
    if (!reply.ok) throw new Error(`${command} was rejected: ${reply.rejected}`)
    return reply
  }
  return {
    open: (input, key) => send('open', input, key),
    deposit: (input, key) => send('deposit', input, key),
  }
}
