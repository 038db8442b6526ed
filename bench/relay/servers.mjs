import { startNats } from '../servers/nats.mjs'
import { startPostgres } from '../servers/postgres.mjs'
import { brokerAt } from './broker.mjs'

/** The PostgreSQL and the NATS that the contestants of a case share. */
export async function openServers() {
  const postgres = await startPostgres()
  const started = [postgres]
  const close = async () => {
    for (const it of started.toReversed()) await it.close()
  }
  try {
    const nats = await startNats()
    started.push(nats)
    const broker = await brokerAt(nats.url)
    started.push(broker)
    return { postgres, nats, broker, close }
  } catch (error) {
    await close()
    throw error
  }
}
