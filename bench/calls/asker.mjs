// One contestant of the case in-process, alone in a process of its own: what others leave in the compiler's caches would be
// measured as well. `asker.mjs KIND` does a round for each message.
import { createHost } from 'dure/host'
import { memoryStorage } from 'dure/memory'
import { ownCpu } from '../harness/cpu.mjs'
import { percentile } from '../harness/stats.mjs'
import { checkPrice, pricingByHand } from './by-hand.mjs'
import { market, Pricing, questionOf, Sales } from './model.mjs'

const CALLS = 300_000
const BLOCK = 100

const kinds = {
  dure: () => dure('plain'),
  'dure as copies': () => dure('copied'),
  limit: byHand,
  moleculer,
}
const it = await kinds[process.argv[2]]()
process.on('message', async () => process.send(await it.round()))
process.on('disconnect', () => process.exit(0))
process.send('ready')

async function dure(crossing) {
  let measured
  const system = market(async (reading, calls) => {
    measured = await timed((i) => reading.ask(Pricing.queries.price, questionOf(i)), calls)
    return calls
  })
  const host = await createHost(system, { storage: memoryStorage(), crossing })
  const client = host.client({ actor: 'bench' })
  return {
    async round() {
      await client.ask(Sales.queries.run, { calls: CALLS })
      return measured
    },
  }
}

function byHand() {
  const pricing = pricingByHand()
  const ask = async (input) => checkPrice(pricing.price(input))
  return { round: () => timed((i) => ask(questionOf(i)), CALLS) }
}

async function moleculer() {
  const { ServiceBroker } = (await import('moleculer')).default
  const pricing = pricingByHand()
  const broker = new ServiceBroker({ logger: false, metrics: false, tracing: false })
  broker.createService({
    name: 'pricing',
    actions: {
      price: {
        params: {
          product: { type: 'string', min: 1, max: 200 },
          quantity: { type: 'number', integer: true },
        },
        handler: (it) => pricing.price(it.params),
      },
    },
  })
  await broker.start()
  return {
    round: () => timed((i) => broker.call('pricing.price', questionOf(i)), CALLS),
  }
}

// A clock read around each call would cost as much as the call; so percentiles are those of a hundred calls, each shared.
async function timed(call, count) {
  const took = new Float64Array(count / BLOCK)
  const [cpu, from] = [ownCpu(), performance.now()]
  let sum = 0
  for (let block = 0; block < took.length; block++) {
    const begin = performance.now()
    for (let i = 0; i < BLOCK; i++) sum += (await call(block * BLOCK + i)).amount
    took[block] = (performance.now() - begin) / BLOCK
  }
  const ms = performance.now() - from
  if (sum < count * 10) throw new Error('the answers were wrong')
  return {
    rate: (count / ms) * 1000,
    p50: percentile(took, 0.5),
    p99: percentile(took, 0.99),
    cpuUs: (ownCpu() - cpu) / count,
  }
}
