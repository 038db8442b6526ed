// Run by the benchmark in a process of its own: a host that publishes what others write, until its parent is gone.
import { setTimeout as sleep } from 'node:timers/promises'
import { brokerAt } from './broker.mjs'
import { openHost } from './dure.mjs'

const [postgresUrl, natsUrl, name] = process.argv.slice(2)
const { hostname: host, port, username: user, pathname } = new URL(postgresUrl)
const connection = { host, port: Number(port), user, database: pathname.slice(1) }
const broker = await brokerAt(natsUrl)
const it = await openHost({ postgres: { connection }, nats: { url: natsUrl }, broker }, { name })
process.once('disconnect', async () => {
  await it.close()
  await broker.close()
})
while (it.host.relays()[0].state !== 'publishing') await sleep(10)
process.send('publishing')
