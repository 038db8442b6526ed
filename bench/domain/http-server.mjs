// The server of the HTTP case, a process of its own: `http-server.mjs dure|limit`. Answers its parent's questions about
// its CPU. Both kinds serve the same application in memory, so only the edge differs.
import fastify from 'fastify'
import { createHost, systemWorld } from 'dure/host'
import { createHttp } from 'dure/http'
import { memoryStorage } from 'dure/memory'
import { ownCpu } from '../harness/cpu.mjs'
import { envelope } from './calls.mjs'
import { bank } from './model.mjs'

const [kind] = process.argv.slice(2)
const host = await createHost(bank, { storage: memoryStorage() })
const port = await (kind === 'dure' ? listenAsDure() : listenByHand())
process.on('message', () => process.send({ cpu: ownCpu() }))
process.on('disconnect', () => process.exit(0))
process.send({ port })

async function listenAsDure() {
  const http = createHttp({ system: bank, application: host.application, world: systemWorld })
  return (await http.listen({ port: 0 })).port
}

async function listenByHand() {
  const server = fastify()
  server.post('/c/bank/open', async (request, reply) => {
    const answer = await host.application.command({
      context: 'Bank',
      command: 'open',
      input: request.body,
      envelope: envelope(),
    })
    return reply.code(answer.ok ? 201 : 422).send(answer)
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  return server.server.address().port
}
