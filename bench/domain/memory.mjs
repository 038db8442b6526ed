import { createHost, systemWorld } from 'dure/host'
import { memoryStorage } from 'dure/memory'
import { closedLoop } from '../harness/load.mjs'
import { bankInMemory } from './by-hand-memory.mjs'
import { accountOf, clientOf, depositInput, DEPOSITS, envelope, openInput } from './calls.mjs'
import { bank, bankWithPolicy, bankWithView } from './model.mjs'

const COMMANDS = 30_000
const WARM_UP = 6_000
const unit = 'commands/s'

/** Commands in this process, with nothing durable: what the layers of the framework cost. */
export const memoryCases = [
  ...[1, 64].map((width) => ({
    name: `memory, create, ${width} in flight`,
    unit,
    contestants: bothWith(bank, undefined, (it, count) => creating(it, count, width)),
  })),
  ...[1, 64].map((width) => ({
    name: `memory, change, ${width} in flight`,
    unit,
    contestants: bothWith(bank, undefined, (it, count) => changing(it, count, width)),
  })),
  // Followed ones end when the followers have met everything.
  {
    name: 'memory, change with a view, 64 in flight',
    unit,
    contestants: bothWith(bankWithView, viewByHand, (it, count) => changing(it, count, 64)),
  },
  {
    name: 'memory, change with a policy, 64 in flight',
    unit,
    contestants: bothWith(bankWithPolicy, policyByHand, (it, count) => changing(it, count, 64)),
  },
]

// Each round has a store of its own, so that all rounds meet the same amount of data.
function bothWith(system, follower, run) {
  return {
    dure: async () => {
      await using host = await createHost(system, { storage: memoryStorage() })
      const it = { ...clientOf(host.application), settled: () => host.settled() }
      await run(it, WARM_UP)
      return await run({ ...it, from: WARM_UP }, COMMANDS)
    },
    limit: async () => {
      const byHand = bankInMemory(follower?.(() => byHand))
      const it = { ...byHand, settled: async () => undefined }
      await run(it, WARM_UP)
      return await run({ ...it, from: WARM_UP }, COMMANDS)
    },
  }
}

function creating({ open, from = 0 }, count, width) {
  return closedLoop((i) => open(openInput(from + i)), { count, width })
}

async function changing({ open, deposit, settled, from = 0 }, count, width) {
  const accounts = count / DEPOSITS
  const first = from
  for (let i = 0; i < accounts; i++) await open(openInput(first + i))
  await settled()
  const input = (i) => ({ ...depositInput(i, accounts), id: accountOf(first + (i % accounts)) })
  return closedLoop((i) => deposit(input(i)), { count, width, settled })
}

/** One row per account, changed with each event. */
function viewByHand() {
  const rows = new Map()
  return ({ id, type, data }) => {
    const row = rows.get(id)
    rows.set(
      id,
      type === 'AccountOpened'
        ? { id, owner: data.owner, balance: data.first }
        : { ...row, balance: row.balance + data.amount },
    )
  }
}

/** A journal entry per deposit, itself an event of a stream of its own. */
function policyByHand(bank) {
  return ({ id, type, data }) => {
    if (type !== 'Deposited') return
    const event = { type: 'Entered', data: { account: id, amount: data.amount } }
    void bank().append(systemWorld.newId(), 0, event, envelope())
  }
}
