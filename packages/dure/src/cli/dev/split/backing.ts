import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedStorage } from '../../../adapters/embedded/index.ts'
import { memoryTransport } from '../../../adapters/memory/index.ts'
import { shareTransport } from '../../../adapters/memory/shared/broker.ts'
import { readConfig } from '../../../host/config.ts'

/** Connections that the embedded PostgreSQL takes, less a few for whoever looks at it. */
const CONNECTIONS = 34

/** What the processes of a split system share in development, as variables for them. */
export interface Backing {
  readonly env: Readonly<Record<string, string>>
  /** In words, for the user. */
  readonly data: string
  readonly events: string
  close(): Promise<void>
}

/**
 * Opens what a split system stands on where the environment names nothing else: the embedded PostgreSQL, which only one
 * process can own, and what carries events, in the memory of this process. What is in that is in the logs too, so nothing is
 * lost with it.
 */
export async function openBacking(
  env: Readonly<Record<string, string | undefined>>,
  processes: number,
  say: (text: string) => void,
): Promise<Backing> {
  const config = readConfig(env)
  const given: Record<string, string> = {}
  const closes: (() => Promise<void>)[] = []
  let data = 'DATABASE_URL'
  if (config.DATABASE_URL === undefined) {
    const storage = await embeddedStorage({ directory: `${config.DURE_DATA}/postgres`, onProgress: say })
    closes.push(() => storage.close())
    const { host, user, database, port } = storage.connection
    // A host in the query is a folder of sockets, which cannot stand where the name of a host does.
    given['DATABASE_URL'] =
      `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
    given['DURE_DATABASE_CONNECTIONS'] = String(Math.max(2, Math.floor(CONNECTIONS / (processes + 1))))
    data = storage.name
  }
  let events = config.NATS_URL === undefined ? 'KAFKA_URL' : 'NATS_URL'
  if (config.NATS_URL === undefined && config.KAFKA_URL === undefined) {
    const folder = await mkdtemp(join(tmpdir(), 'dure-bus-'))
    const path =
      process.platform === 'win32' ? `\\\\.\\pipe\\${folder.replaceAll(/\W/g, '-')}` : join(folder, 's')
    const shared = await shareTransport(memoryTransport(), path)
    closes.push(async () => {
      await shared.close()
      await rm(folder, { recursive: true, force: true })
    })
    given['DURE_DEV_BUS'] = path
    events = 'in the memory of this process (set NATS_URL or KAFKA_URL for a broker)'
  }
  return {
    env: given,
    data,
    events,
    async close() {
      for (const it of closes.toReversed()) await it()
    },
  }
}
