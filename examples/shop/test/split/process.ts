import { createHost, httpLog, systemWorld, type Host } from 'dure/host'
import { createHttp, type Http } from 'dure/http'
import type { PublishedLog } from 'dure/host'
import { remoteContexts } from 'dure/remote'
import { persistence } from '../../src/persistence.ts'
import { sampleData } from '../../src/sample-data.ts'
import { shop } from '../../src/system.ts'
import { servers } from '../servers.ts'
import type { Asked, Order, Said } from './messages.ts'

// One process of a split shop: runs one context of each shop that it is told to open.

const open = new Map<string, { readonly host: Host; close(): Promise<void> }>()
const say = (it: Said): void => void process.send?.(it)

process.on('message', ({ id, order }: Asked) => {
  carryOut(order).then(
    (answer) => say({ id, answer }),
    (error: Error) => say({ id, failed: error.stack ?? String(error) }),
  )
})
process.on('disconnect', () => process.exit())

async function carryOut(order: Order): Promise<string> {
  if (order.do === 'answer') return ''
  if (order.do === 'open') return openShop(order.shop, order.context, order.front)
  const found = open.get(order.shop)
  if (found === undefined) throw new Error(`there is no shop ${order.shop} here`)
  if (order.do === 'settle') await found.host.settled()
  else if (order.do === 'fill') await sampleData(found.host)
  else {
    open.delete(order.shop)
    await found.close()
  }
  return ''
}

async function openShop(name: string, context: string, front: string): Promise<string> {
  const wiring = await servers('DURE_TEST_POSTGRES_18_URL', 'DURE_TEST_NATS_URL', {
    name,
    connections: 4,
  })
  const others = shop.contexts.map((it) => it.name).filter((it) => it !== context)
  const urls = Object.fromEntries(others.map((it) => [it, `${front}/to/${it}`]))
  const calls = await remoteContexts({ urls, world: systemWorld })
  const host = await createHost(shop, {
    ...wiring,
    persistence,
    contexts: [context],
    remote: { calls, log: (it) => httpLog(it, urls[it] as string, systemWorld) },
    log(level, message, fields) {
      const { error, ...more } = fields
      if (level !== 'error') return
      say({ shop: name, error: `${context}: ${message} ${JSON.stringify(more)} ${String(error)}` })
    },
  })
  const logs = new Map([[context, host.published(context) as PublishedLog]])
  const { application } = host
  const http: Http = createHttp({ system: shop, application, world: systemWorld, development: true, logs })
  const { port } = await http.listen({ port: 0 })
  const close = async (): Promise<void> => {
    await http.close(500)
    await host.close()
    await calls.close()
  }
  open.set(name, { host, close })
  return String(port)
}
