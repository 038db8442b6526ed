import { randomUUID } from 'node:crypto'
import { checkPrice } from './by-hand.mjs'
import { market, Pricing, Sales } from './model.mjs'

const CONNECTIONS = 64
const headers = { 'content-type': 'application/json' }

/** How the caller of each kind asks: `price(input)` and `offer(input)`; `run` calls within what a round needs. */
export const callers = {
  async dure(url) {
    const { createHost, systemWorld } = await import('dure/host')
    const { memoryStorage } = await import('dure/memory')
    const { remoteContexts } = await import('dure/remote')
    const remote = await remoteContexts({
      urls: { Pricing: url },
      world: systemWorld,
      connections: CONNECTIONS,
    })
    const rounds = { next: undefined }
    // A process of the asking context alone, whose handler asks the other one.
    const host = await createHost(
      market((reading) => rounds.next(reading)),
      { storage: memoryStorage(), contexts: ['Sales'], remote: { calls: remote, log: () => undefined } },
    )
    const client = host.client({ actor: 'bench' })
    const teller = host.client({ actor: 'bench' })
    return {
      offer: (input) => teller.insist(Pricing.commands.offer, input, { key: randomUUID() }),
      async run(round) {
        let result
        rounds.next = async (reading) => {
          result = await round((input) => reading.ask(Pricing.queries.price, input))
          return 0
        }
        await client.ask(Sales.queries.run, { calls: 0 }, { deadline: new Date(Date.now() + 600_000) })
        return result
      },
      async close() {
        await host.close()
        await remote.close()
      },
    }
  },

  limit: byHand,
  'limit + work': byHand,

  async nest(url) {
    const { ClientProxyFactory, Transport } = await import('@nestjs/microservices')
    const { firstValueFrom } = await import('rxjs')
    const { hostname: host, port } = new URL(url)
    const client = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host, port: Number(port) },
    })
    await client.connect()
    const price = async (input) => checkPrice(await firstValueFrom(client.send('price', input)))
    return {
      offer: (input) => firstValueFrom(client.send('offer', { ...input, key: randomUUID() })),
      run: (round) => round(price),
      close: () => client.close(),
    }
  },

  async trpc(url) {
    const { createTRPCClient, httpLink } = await import('@trpc/client')
    const client = createTRPCClient({ links: [httpLink({ url })] })
    const price = async (input) => checkPrice(await client.price.query(input))
    return {
      offer: (input) => client.offer.mutate({ ...input, key: randomUUID() }),
      run: (round) => round(price),
      close: () => undefined,
    }
  },
}

async function byHand(url) {
  const { Pool } = await import('undici')
  const pool = new Pool(url, { connections: CONNECTIONS })
  const post = async (path, input, more) => {
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path,
      headers: { ...headers, ...more },
      body: JSON.stringify(input),
    })
    const answer = await body.json()
    if (statusCode >= 300) throw new Error(answer.message)
    return answer
  }
  const price = async (input) => checkPrice(await post('/q/pricing/price', input))
  return {
    offer: (input) => post('/c/pricing/offer', input, { 'idempotency-key': randomUUID() }),
    run: (round) => round(price),
    close: () => pool.close(),
  }
}
