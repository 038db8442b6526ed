import type { System } from 'dure'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  createHost,
  httpLog,
  systemWorld,
  type CommandReply,
  type Host,
  type HostOptions,
  type PublishedLog,
} from 'dure/host'
import { createHttp } from 'dure/http'
import { memoryStorage, memoryTransport, type MemoryTransport } from 'dure/memory'
import type { Storage, Transport } from 'dure/ports'
import { fault } from '../../src/kernel/errors/fault.ts'
import { codeOf, keptOpen } from '../fixtures/running.ts'
import { shop } from '../fixtures/shop.ts'

const placing = {
  customer: 'c1',
  lines: [{ lineId: '1', product: 'p1', quantity: 1, price: { amount: 10, currency: 'KRW' } }],
  shipTo: { zipcode: '04524', addr1: 'Sejong-daero' },
}

/** The processes of one system: each a host of its own, that know one another by their logs alone. */
class Processes {
  readonly storage: Storage = memoryStorage()
  readonly transport: MemoryTransport = memoryTransport()
  readonly hosts: Host[] = []
  readonly lines: string[] = []

  async start({ bus = true, ...options }: Partial<HostOptions> & { bus?: boolean } = {}): Promise<Host> {
    const transport: Transport = { ...this.transport, close: async () => undefined }
    const log = (level: string, message: string): void => {
      if (level === 'warn' || level === 'error') this.lines.push(`${level} ${message}`)
    }
    const remote = { log: (context: string) => this.#logOf(context) }
    const host = await createHost(shop, {
      storage: keptOpen(this.storage),
      remote,
      log,
      ...(bus && { transport }),
      ...options,
    })
    this.hosts.push(host)
    onTestFinished(() => host.close())
    return host
  }

  /** Asks whichever process has the context now. */
  #logOf(context: string): PublishedLog {
    const found = (): PublishedLog => {
      const log = this.hosts.map((it) => it.published(context)).find((it) => it !== undefined)
      if (log === undefined) throw fault('DURE_SOURCE_UNAVAILABLE', { context, reason: 'it does not run' })
      return log
    }
    return {
      lineage: async () => found().lineage(),
      read: async (after, limit) => found().read(after, limit),
      find: async (position) => found().find(position),
      settled: async () => found().settled(),
    }
  }
}

async function tell(host: Host, name: string, input: object): Promise<CommandReply> {
  const [context = '', command = ''] = name.split('.')
  const envelope = { id: systemWorld.newId(), actor: 'test', tenant: '', correlation: 'c' }
  return host.application.command({ context, command, input, envelope })
}

async function place(host: Host, times: number): Promise<string> {
  const replies = await Promise.all(
    Array.from({ length: times }, () => tell(host, 'Ordering.placeOrder', placing)),
  )
  const [first] = replies
  return first?.ok ? first.token : ''
}

const openStock = (host: Host): Promise<CommandReply> =>
  tell(host, 'Inventory.openStock', { product: 'p1', quantity: 100 })
const ask = (host: Host, name: string, input: object, more: object = {}) => {
  const [context = '', query = ''] = name.split('.')
  return host.application.query({ context, query, input, actor: 'test', tenant: '', ...more })
}
const free = (host: Host) => ask(host, 'Inventory.stockOf', { product: 'p1' })
const pending = async (host: Host, more?: object): Promise<number> =>
  ((await ask(host, 'Ordering.orders', { status: 'pending' }, more)) as readonly unknown[]).length

describe('contexts in processes of their own', () => {
  it('hear each other, and settled speaks for all of them', async () => {
    const all = new Processes()
    const ordering = await all.start({ contexts: ['Ordering'] })
    const inventory = await all.start({ contexts: ['Inventory'] })
    await openStock(inventory)
    await place(ordering, 30)
    await ordering.settled()
    expect(await free(inventory)).toEqual({ free: 70 })
    expect(inventory.status()).toMatchObject([{ source: 'Ordering', state: 'running', parked: 0 }])
    expect(all.lines).toEqual([])
  })

  it('begin when the context that they hear has come up, and miss nothing', async () => {
    const all = new Processes()
    const inventory = await all.start({ contexts: ['Inventory'] })
    await openStock(inventory)
    await expect
      .poll(() => inventory.status())
      .toMatchObject([{ state: 'retrying', failure: { code: 'DURE_SOURCE_UNAVAILABLE' } }])
    const ordering = await all.start({ contexts: ['Ordering'] })
    await place(ordering, 5)
    await inventory.settled()
    expect(await free(inventory)).toEqual({ free: 95 })
  })

  it('ask the source for what the broker has lost, and for what it does not take', async () => {
    const all = new Processes()
    const ordering = await all.start({ contexts: ['Ordering'] })
    const inventory = await all.start({ contexts: ['Inventory'] })
    await openStock(inventory)
    await place(ordering, 10)
    all.transport.wipe()
    await place(ordering, 10)
    await inventory.settled()
    expect(await free(inventory)).toEqual({ free: 80 })

    const small = new Processes()
    Object.assign(small, { transport: memoryTransport({ maxBytes: 700 }) })
    const [there, here] = [
      await small.start({ contexts: ['Ordering'] }),
      await small.start({ contexts: ['Inventory'] }),
    ]
    await openStock(here)
    await place(there, 3)
    await here.settled()
    expect(await free(here)).toEqual({ free: 97 })
  })

  it('park what cannot be handled, and take it up again from the source', async () => {
    const all = new Processes()
    const ordering = await all.start({ contexts: ['Ordering'] })
    const inventory = await all.start({ contexts: ['Inventory'] })
    await place(ordering, 1)
    await inventory.settled()
    expect(inventory.status()).toMatchObject([{ parked: 1 }])
    await openStock(inventory)
    await inventory.close()
    const again = await all.start({ contexts: ['Inventory'] })
    await expect.poll(() => again.status()).toMatchObject([{ parked: 0 }])
    await again.settled()
    expect(await free(again)).toEqual({ free: 99 })
  })

  it('follow a log that was restored', async () => {
    const all = new Processes()
    const first = await all.start({ contexts: ['Ordering'] })
    const inventory = await all.start({ contexts: ['Inventory'] })
    await openStock(inventory)
    await place(first, 3)
    await inventory.settled()
    await all.storage.migration('Ordering').restored()
    await place(first, 3)
    await inventory.settled()
    expect(await free(inventory)).toEqual({ free: 94 })
  })

  it('are told that a topic carries the events of a second log', async () => {
    const all = new Processes()
    await all.start({ contexts: ['Ordering'] })
    const inventory = await all.start({ contexts: ['Inventory'] })
    await openStock(inventory)
    const twin = await all.start({ contexts: ['Ordering'], storage: memoryStorage() })
    await place(twin, 1)
    await expect.poll(() => all.lines).toContain('error topic carries events of another log')
    expect(await free(inventory)).toEqual({ free: 100 })
  })

  it('are asked over HTTP', async () => {
    const all = new Processes()
    const ordering = await all.start({ contexts: ['Ordering'] })
    const logs = new Map([['Ordering', ordering.published('Ordering') as PublishedLog]])
    const { application } = ordering
    const http = createHttp({ system: shop, application, world: systemWorld, logs })
    const { port } = await http.listen({ port: 0 })
    onTestFinished(() => void http.close())
    const url = `http://127.0.0.1:${port}`
    const log = httpLog('Ordering', url, systemWorld)
    const inventory = await all.start({ contexts: ['Inventory'], remote: { log: () => log } })
    await openStock(inventory)
    await place(ordering, 4)
    await inventory.settled()
    expect(await free(inventory)).toEqual({ free: 96 })

    const { messages, ...page } = await log.read(1, 2)
    expect(page).toEqual({ epochs: (await log.lineage()).epochs, through: 3, more: true })
    expect(messages.map((it) => JSON.parse(it))).toMatchObject([
      { type: 'Ordering.OrderPlaced', dureposition: '2', dureprevious: '1' },
      { type: 'Ordering.OrderPlaced', dureposition: '3', dureprevious: '2' },
    ])
    expect((await log.find(9)).messages).toEqual([])
    expect((await fetch(`${url}/e/ordering?after=x`)).status).toBe(400)
    expect((await fetch(`${url}/e/inventory`)).status).toBe(404)
    await http.close()
    expect(await codeOf(log.lineage())).toBe('DURE_SOURCE_UNAVAILABLE')
  })
})

it('serves a log to services alone, where it is known who asks', async () => {
  const all = new Processes()
  const ordering = await all.start({ contexts: ['Ordering'] })
  const peer = {
    name: 'by name',
    scheme: undefined,
    start: async () => ({
      kind: 'peer' as const,
      service: ({ headers }: { headers: Record<string, unknown> }) =>
        headers['x-service'] as string | undefined,
    }),
  }
  const http = createHttp({
    system: open(shop),
    application: ordering.application,
    world: systemWorld,
    logs: new Map([['Ordering', ordering.published('Ordering') as PublishedLog]]),
    identity: peer,
  })
  const { port } = await http.listen({ port: 0 })
  onTestFinished(() => void http.close())
  const url = `http://127.0.0.1:${port}`
  const asked = async (headers: Record<string, string>) =>
    codeOf(
      httpLog('Ordering', url, systemWorld, () => headers)
        .lineage()
        .then(() => 'told'),
    )
  expect(await asked({ 'x-service': 'Inventory' })).toBe('told')
  expect(await asked({})).toBe('DURE_SOURCE_UNAVAILABLE')
  expect((await fetch(`${url}/e/ordering`)).status).toBe(403)
})

/** Without commands and queries nobody has to say who may use them. */
function open(system: System): System {
  return { ...system, contexts: [], routes: [] }
}

describe('a process without the role worker', () => {
  it('answers not older than a token, by what others have stored', async () => {
    const all = new Processes()
    const web = await all.start({ roles: ['web'] })
    const token = await place(web, 1)
    expect(web.status()).toEqual([])
    const deadline = new Date(Date.now() + 150)
    expect(await codeOf(pending(web, { notBefore: token, deadline }))).toMatch(
      /^DURE_(VIEW_BEHIND|DEADLINE)$/,
    )
    const waiting = pending(web, { notBefore: token })
    await all.start({ roles: ['worker'] })
    expect(await waiting).toBe(1)
    const after = await place(web, 5)
    expect(await pending(web, { notBefore: after })).toBe(6)
  })

  it('is settled when the others have done the work', async () => {
    const all = new Processes()
    const web = await all.start({ roles: ['web'] })
    await openStock(web)
    await place(web, 5)
    let settled = false
    const whole = web.settled().then(() => (settled = true))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(settled).toBe(false)
    await all.start({ roles: ['worker'] })
    await whole
    expect(await free(web)).toEqual({ free: 95 })
    expect(await pending(web)).toBe(5)
  })

  it('ends its waiting at the stop', async () => {
    const all = new Processes()
    const web = await all.start({ roles: ['web'] })
    await place(web, 1)
    const whole = web.settled()
    await web.close()
    await expect(whole).resolves.toBeUndefined()
  })
})

async function leasesOf(all: Processes): Promise<readonly string[]> {
  const store = await all.storage.openContext('Inventory')
  const held = await store.readLease('policy:reserve stock when an order is placed Ordering')
  return held === undefined ? [] : [held.holder]
}

describe('replicas of a context', () => {
  it('share the work: one has a consumer at a time, and the others know how far it is', async () => {
    const all = new Processes()
    const hosts = [await all.start(), await all.start(), await all.start()]
    const [first, second] = hosts as [Host, Host, Host]
    await openStock(first)
    for (let i = 0; i < 10; i++) {
      const token = await place(second, 3)
      for (const it of hosts) expect(await pending(it, { notBefore: token })).toBe(3 * (i + 1))
    }
    await Promise.all(hosts.map((it) => it.settled()))
    for (const it of hosts) expect(await free(it)).toEqual({ free: 70 })
    const states = hosts.map((it) => it.status().filter(({ state }) => state === 'running').length)
    // Each of the two consumers has one process, whichever.
    expect(states.reduce((a, b) => a + b)).toBe(2)
    expect(await leasesOf(all)).toHaveLength(1)
  })

  it('hand over at once at a clean stop', async () => {
    const all = new Processes()
    const first = await all.start({ bus: false })
    await openStock(first)
    await place(first, 5)
    await first.settled()
    const second = await all.start({ bus: false })
    await place(second, 5)
    await second.settled()
    await first.close()
    expect(await leasesOf(all)).toEqual([])
    const before = performance.now()
    await place(second, 5)
    await second.settled()
    expect(performance.now() - before).toBeLessThan(1000)
    expect(await free(second)).toEqual({ free: 85 })
  })

  it('take over within seconds from one that does nothing any more', async () => {
    const all = new Processes()
    const store = await all.storage.openContext('Inventory')
    await store.takeLease('policy:reserve stock when an order is placed Ordering', 'a dead one', 1000)
    const host = await all.start()
    await openStock(host)
    await place(host, 5)
    await host.settled()
    expect(await free(host)).toEqual({ free: 95 })
    expect(await leasesOf(all)).not.toEqual(['a dead one'])
  })
})

function started(options: Partial<HostOptions>) {
  return createHost(shop, { storage: memoryStorage(), ...options }).then(
    async (it) => {
      await it.close()
      return 'started'
    },
    (error: { code: string; hint: string; message: string }) => error,
  )
}

describe('a placement that cannot be', () => {
  it('names the context that was probably meant', async () => {
    const error = await started({ contexts: ['Odering'] })
    expect(error).toMatchObject({ code: 'DURE_CONTEXT_UNKNOWN' })
    expect((error as { hint: string }).hint).toContain('Did you mean Ordering?')
  })

  it('names the role that was probably meant', async () => {
    const error = await started({ roles: ['wroker' as never] })
    expect(error).toMatchObject({ code: 'DURE_ROLE_UNKNOWN' })
    expect((error as { hint: string }).hint).toContain('worker')
  })

  it('says that contexts apart need a broker, on both sides of it', async () => {
    const remote = { log: () => ({}) as PublishedLog }
    const inventory = await started({ contexts: ['Inventory'], remote })
    expect(inventory).toMatchObject({ code: 'DURE_BUS_MISSING' })
    expect((inventory as { message: string }).message).toContain('it hears Ordering')
    const ordering = await started({ contexts: ['Ordering'] })
    expect((ordering as { message: string }).message).toContain('Inventory hear it')
    expect(await started({ contexts: ['Ordering'], roles: ['web'] })).toBe('started')
  })

  it('says of which context nobody knows where it runs', async () => {
    const error = await started({ contexts: ['Inventory'], transport: memoryTransport() })
    expect(error).toMatchObject({ code: 'DURE_REMOTE_UNKNOWN' })
  })
})
