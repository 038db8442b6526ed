import { randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { pricingByHand } from './by-hand.mjs'
import { market } from './model.mjs'

const host = '127.0.0.1'

/** Each serves one query and one command, and resolves to its port. */
export const servers = {
  /** Dure behind its own HTTP edge. */
  async dure() {
    const { application, system, world } = await applicationOfDure()
    const { createHttp } = await import('dure/http')
    const http = createHttp({ system, application, world, development: true })
    return (await http.listen({ port: 0 })).port
  },

  /** The same application behind Fastify by hand: the work, with as little of a call around it as can be written. */
  async 'limit + work'() {
    const { application } = await applicationOfDure()
    return listenWithFastify({
      price: (input) =>
        application.query({ context: 'Pricing', query: 'price', input, actor: 'bench', tenant: '' }),
      async offer(input, key) {
        const envelope = { id: randomUUID(), actor: 'bench', tenant: '', key, correlation: key }
        return await application.command({ context: 'Pricing', command: 'offer', input, envelope })
      },
    })
  },

  limit: () => listenWithFastify(pricingByHand()),

  async nest() {
    await import('reflect-metadata')
    const { NestFactory } = await import('@nestjs/core')
    const { Controller } = await import('@nestjs/common')
    const { MessagePattern, Transport } = await import('@nestjs/microservices')
    const pricing = pricingByHand()
    class PricingController {
      price(input) {
        return pricing.price(input)
      }
      offer({ key, ...input }) {
        return pricing.offer(input, key)
      }
    }
    // What decorators would do, which these sources cannot have.
    for (const name of ['price', 'offer']) {
      const descriptor = Object.getOwnPropertyDescriptor(PricingController.prototype, name)
      MessagePattern(name)(PricingController.prototype, name, descriptor)
    }
    Controller()(PricingController)
    const port = await freePort()
    const module = { module: PricingModule, controllers: [PricingController] }
    const app = await NestFactory.createMicroservice(module, {
      transport: Transport.TCP,
      options: { host, port },
      logger: false,
    })
    await app.listen()
    return port
  },

  async trpc() {
    const { initTRPC } = await import('@trpc/server')
    const { createHTTPServer } = await import('@trpc/server/adapters/standalone')
    const z = await import('zod')
    const pricing = pricingByHand()
    const { router, procedure } = initTRPC.create()
    const product = z.string().min(1).max(200)
    const server = createHTTPServer({
      router: router({
        price: procedure
          .input(z.object({ product, quantity: z.int() }))
          .query(({ input }) => pricing.price(input)),
        offer: procedure
          .input(z.object({ product, amount: z.int(), key: z.string() }))
          .mutation(({ input: { key, ...input } }) => pricing.offer(input, key)),
      }),
    }).listen(0, host)
    if (!server.listening) await once(server, 'listening')
    return server.address().port
  },
}

/** A module is a class to Nest; this one has nothing in it. */
function PricingModule() {}

async function applicationOfDure() {
  const { createHost, systemWorld } = await import('dure/host')
  const { memoryStorage } = await import('dure/memory')
  const it = await createHost(
    market(() => 0),
    { storage: memoryStorage(), crossing: 'plain' },
  )
  return { application: it.application, system: it.system, world: systemWorld }
}

async function listenWithFastify({ price, offer }) {
  const { default: fastify } = await import('fastify')
  const server = fastify()
  server.post('/q/pricing/price', (request, reply) => answer(reply, price(request.body)))
  server.post('/c/pricing/offer', (request, reply) =>
    answer(reply.code(201), offer(request.body, request.headers['idempotency-key'])),
  )
  await server.listen({ host, port: 0 })
  return server.server.address().port
}

async function answer(reply, work) {
  return reply.send(await work)
}

async function freePort() {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
