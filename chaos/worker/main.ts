// One process of the system under test: a host with HTTP, as a user would write it.
import { createHost, jsonLog, systemWorld } from 'dure/host'
import { createHttp } from 'dure/http'
import { postgresStorage } from 'dure/postgres'
import pg from 'pg'
import { chaos, persistence } from '../model/system.ts'
import { planted } from './plants.ts'
import type { Question, WorkerMessage, WorkerSettings } from './protocol.ts'
import { routedStorage } from './routed-storage.ts'
import { serveSlowLines } from './slow-lines.ts'
import { placed, served } from './split.ts'
import { transportOf } from './transport.ts'

const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings
const log = jsonLog(systemWorld, (line) => void process.stdout.write(line), 'debug')

// Whoever started this process is gone.
process.on('disconnect', () => process.exit(0))

const poolOf = (connectionString: string): pg.Pool => {
  const pool = new pg.Pool({ connectionString, max: 8, connectionTimeoutMillis: 3000, keepAlive: true })
  pool.on('error', () => undefined)
  return pool
}
const pools = { orders: poolOf(settings.orders), rest: poolOf(settings.rest) }
const storage = routedStorage(
  { Orders: postgresStorage({ pool: pools.orders, ownsPool: true, name: 'orders' }) },
  postgresStorage({ pool: pools.rest, ownsPool: true, name: 'rest' }),
)
const host = await createHost(chaos, {
  storage: planted(settings.plant, storage, pools),
  persistence,
  log,
  ...(await transportOf(settings.nats)),
  ...(await placed(settings.split)),
})
const http = createHttp({
  ...served(host, settings.split),
  application: host.application,
  world: systemWorld,
  documents: false,
  log: ({ id, method, path, error }) => log('error', 'request failed', { id, method, path, error }),
})
serveSlowLines(http, host, pools.orders)
await http.listen({ port: settings.port })

const tell = (message: WorkerMessage): void => void process.send?.(message)
process.on('message', (question: Question) => {
  const answered = question.ask === 'settle' ? host.settled() : Promise.resolve()
  answered.then(
    () => tell({ kind: 'answer', id: question.id, status: host.status(), relays: host.relays() }),
    (error: unknown) => log('error', 'not settled', { error }),
  )
})
const graceMs = 2500

// In good order, as a rolling restart has it; who still waits for something after that is cut off.
process.once('SIGTERM', () => {
  setTimeout(() => process.exit(0), graceMs)
  void http
    .close()
    .then(() => host.close())
    .finally(() => process.exit(0))
})
tell({ kind: 'ready' })
