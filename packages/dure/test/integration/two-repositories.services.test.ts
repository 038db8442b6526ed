import { once } from 'node:events'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { textOf, type CliProject } from '../fixtures/cli-project.ts'
import { NatsServer } from '../fixtures/nats-server.ts'
import { packedRepositories } from '../fixtures/packed-repositories.ts'
import { createDatabase, type TestDatabase } from '../fixtures/postgres-database.ts'

const patience = { timeout: 60_000, interval: 50 }
const databases: TestDatabase[] = []
let broker: NatsServer

beforeAll(async () => {
  // Topics are called after the system, and the program decides how that is called.
  broker = await NatsServer.start('jetstream')
  const server = { connectionString: process.env['DURE_TEST_POSTGRES_18_URL'] ?? '' }
  databases.push(await createDatabase(server), await createDatabase(server))
})
afterAll(async () => {
  await Promise.all(databases.map((it) => it.drop()))
  await broker.end()
})

interface Started {
  readonly url: string
  stop(): Promise<number | null>
}

const urlOf = (database: number): string => databases[database]?.config.connectionString ?? ''

/** A process of a repository, on a database of its own. */
async function started(
  project: CliProject,
  database: number,
  more: Record<string, string> = {},
): Promise<Started> {
  const child = project.start(['start'], {
    NODE_ENV: 'development',
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: urlOf(database),
    NATS_URL: broker.url,
    ...more,
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [out, err] = [textOf(child.stdout), textOf(child.stderr)]
  const listening = /"url":"(http:[^"]+)"/
  await vi.waitFor(() => expect(out() + err()).toMatch(listening), patience)
  return {
    url: listening.exec(out() + err())?.[1] ?? '',
    async stop() {
      child.kill('SIGTERM')
      return (await once(child, 'exit'))[0] as number | null
    },
  }
}

async function post(url: string, body: object): Promise<{ readonly id: string }> {
  const options = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
  const response = await fetch(url, options)
  expect(response.ok).toBe(true)
  return (await response.json()) as { readonly id: string }
}

it('runs a system of two repositories, which share a packed contract and a broker', async () => {
  const { catalog, ordering, ship } = packedRepositories()
  expect((await catalog.dure(['check', '--record'])).code).toBe(0)
  ship()
  const there = await started(catalog, 0)
  const here = await started(ordering, 1, { DURE_URL_CATALOG: there.url })

  const { id: product } = await post(`${there.url}/c/catalog/listProduct`, { name: 'tea', price: 5 })
  await post(`${here.url}/c/ordering/placeOrder`, { product })
  const orders = async (): Promise<unknown> => (await fetch(`${here.url}/q/ordering/orders`)).json()
  await vi.waitFor(async () => expect(await orders()).toEqual([{ product, total: 5 }]), patience)
  await post(`${there.url}/c/catalog/changePrice`, { id: product, price: 7 })
  await vi.waitFor(async () => expect(await orders()).toEqual([{ product, total: 7 }]), patience)

  const status = await ordering.dure(['status', '--json'], { DATABASE_URL: urlOf(1), NATS_URL: broker.url })
  expect(JSON.parse(status.out)).toMatchObject({
    well: true,
    contexts: [{ consumers: [{ source: 'Ordering' }, { source: 'Catalog', state: 'elsewhere', parked: 0 }] }],
  })

  // Each knows its own process alone, and the other one may go and come back.
  expect(await there.stop()).toBe(0)
  expect(await orders()).toEqual([{ product, total: 7 }])
  const asked = await fetch(`${here.url}/c/ordering/placeOrder`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ product: 'other' }),
  })
  expect(asked.status).toBe(503)
  expect(await here.stop()).toBe(0)
}, 120_000)

it('does not start where it is not known where the other one is', async () => {
  const { catalog, ordering, ship } = packedRepositories()
  await catalog.dure(['check', '--record'])
  ship()
  const ran = await ordering.dure(['start'], { NODE_ENV: 'development', PORT: 'x', NATS_URL: broker.url })
  expect(ran.code).toBe(1)
  expect(ran.out + ran.err).toMatch(/DURE_CONFIG_INVALID/)
  expect(ran.out + ran.err).toMatch(/PORT/)
  expect(ran.out + ran.err).toMatch(/DURE_URL_CATALOG/)
}, 60_000)
