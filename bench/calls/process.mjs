// A process of the cases about starts and memory: `process.mjs KIND`. Says when it answers, and how much memory it takes.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { servers } from './servers.mjs'

const [kind] = process.argv.slice(2)
const port = await (kind === 'dure, 200 contexts' ? many(200) : servers[kind]())
if (kind !== 'nest') await fetch(`http://127.0.0.1:${port}/`).then((it) => it.text())
const ms = performance.now()
setFlagsFromString('--expose-gc')
runInNewContext('gc')()
process.send({ ms, rss: process.memoryUsage().rss })
process.on('disconnect', () => process.exit(0))

async function many(count) {
  const { manyContexts } = await import('./model.mjs')
  const { createHost, systemWorld } = await import('dure/host')
  const { createHttp } = await import('dure/http')
  const { memoryStorage } = await import('dure/memory')
  const system = manyContexts(count)
  const host = await createHost(system, { storage: memoryStorage() })
  const http = createHttp({ system, application: host.application, world: systemWorld })
  return (await http.listen({ port: 0 })).port
}
