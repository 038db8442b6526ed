import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createNats, createPostgres, type Instance } from '../../scripts/services/instances.mjs'
import { Turns } from './turns.ts'

/** What can be killed, cut off and restored: where Orders is kept, where the rest is, and the broker. */
export type ServerName = 'orders' | 'rest' | 'nats'

export interface Server {
  readonly name: ServerName
  readonly instance: Instance
  /** Whoever does something to the server waits until whoever did before is ready. */
  readonly turns: Turns
}

export type Servers = Readonly<Record<'orders' | 'rest', Server>> & { readonly nats: Server | undefined }

/** Starts servers of the run's own, and says how they are killed; they end with this process. */
export async function startServers(
  folder: string,
  options: {
    readonly nats: boolean
    readonly say: (line: string) => void
    readonly closing: (() => Promise<void> | void)[]
  },
): Promise<Servers> {
  mkdirSync(folder, { recursive: true })
  const server = async (name: ServerName): Promise<Server> => {
    const place = { folder: join(folder, name) }
    const instance = await (name === 'nats' ? createNats(place) : createPostgres({ ...place, major: 18 }))
    options.closing.push(() => instance.kill())
    await instance.start({ say: (line) => options.say(`${name}: ${line}`) })
    return { name, instance, turns: new Turns() }
  }
  const [orders, rest, nats] = await Promise.all([
    server('orders'),
    server('rest'),
    options.nats ? server('nats') : undefined,
  ])
  return { orders, rest, nats }
}

export function listOf({ orders, rest, nats }: Servers): readonly Server[] {
  return nats === undefined ? [orders, rest] : [orders, rest, nats]
}
