import { describe, expect, it, onTestFinished } from 'vitest'
import { contract, ref, route, system, type System } from 'dure'
import { createHost, type Client, type Host, type HostOptions } from 'dure/host'
import { memoryStorage, memoryTransport } from 'dure/memory'
import { readProcessConfig } from '../../src/host/config/process-config.ts'
import { checkModel } from '../../src/model/check/check-model.ts'
import { codeOf } from '../fixtures/running.ts'
import {
  Catalog,
  catalogSystem,
  laterCatalogSystem,
  Ordering,
  orderingSystem,
} from '../fixtures/two-repositories.ts'

const bus = memoryTransport()

async function hostOf(system: System, options: Partial<HostOptions> = {}): Promise<Host> {
  const transport = { ...bus, close: async () => undefined }
  const host = await createHost(system, { storage: memoryStorage(), transport, ...options })
  onTestFinished(() => host.close())
  return host
}

const remoteTo = (host: Host): NonNullable<HostOptions['remote']> => ({
  calls: host.application,
  log: (context) => host.published(context),
})

const start = (): unknown => readProcessConfig(orderingSystem(), { NODE_ENV: 'development', PORT: 'x' }, {})
const of = (more: Partial<System>): readonly string[] =>
  checkModel({ ...orderingSystem(), ...more }).map((it) => `${it.code} ${it.level}`)
const clientOf = (host: Host): Client => host.client({ actor: 'ann' })

async function two(catalog: System): Promise<readonly [catalog: Host, ordering: Host]> {
  bus.wipe()
  const first = await hostOf(catalog)
  return [first, await hostOf(orderingSystem(), { remote: remoteTo(first) })]
}

async function listed(host: Host): Promise<string> {
  const reply = await clientOf(host).tell(Catalog.commands.listProduct, { name: 'tea', price: 5 })
  return reply.ok ? reply.id : ''
}

describe('a context known by its contract alone', () => {
  it('is asked where it runs, and heard over the bus', async () => {
    const [catalog, ordering] = await two(catalogSystem())
    const product = (await listed(catalog)) as never
    await catalog.settled()
    expect(await clientOf(ordering).tell(Ordering.commands.placeOrder, { product })).toMatchObject({
      ok: true,
    })
    await ordering.settled()
    expect(await clientOf(ordering).ask(Ordering.queries.known, {})).toEqual([{ id: product, price: 5 }])
    await clientOf(catalog).tell(Catalog.commands.changePrice, { id: product, price: 7 })
    await ordering.settled()
    expect(await clientOf(ordering).ask(Ordering.queries.orders, {})).toEqual([{ product, total: 7 }])
    expect(await clientOf(ordering).ask(Ordering.queries.known, {})).toEqual([{ id: product, price: 7 }])
  })

  it('takes commands from here, and is open to fields that are not known here', async () => {
    const [catalog, ordering] = await two(laterCatalogSystem())
    const product = (await listed(ordering)) as never
    await ordering.settled()
    expect(await clientOf(ordering).ask(Ordering.queries.known, {})).toEqual([{ id: product, price: 5 }])
    expect(catalog.relays()).toMatchObject([{ context: 'Catalog' }])
    expect(ordering.status().map((it) => [it.source, it.parked])).toContainEqual(['Catalog', 0])
  })

  it('has to be of the same system, or nobody would hear it', async () => {
    const warned: unknown[] = []
    const log = (_: string, __: string, more?: { error?: { code?: string; hint?: string } }): unknown =>
      warned.push(more?.error?.code)
    const catalog = await hostOf(catalogSystem('Market'))
    const ordering = await hostOf(orderingSystem(), { remote: remoteTo(catalog), log })
    await expect
      .poll(() => ordering.status().find((it) => it.source === 'Catalog'))
      .toMatchObject({ state: 'retrying', failure: { code: 'DURE_SYSTEM_OTHER' } })
    expect(warned).toContain('DURE_SYSTEM_OTHER')
  })

  it('is not run here, and its address and a broker have to be known', async () => {
    const storage = memoryStorage()
    const error = createHost(orderingSystem(), { storage, contexts: ['Catalog'] })
    await expect(error).rejects.toMatchObject({
      code: 'DURE_CONTEXT_UNKNOWN',
      message: expect.stringContaining('in another repository') as string,
    })
    expect(await codeOf(createHost(orderingSystem(), { storage: memoryStorage() }))).toBe('DURE_BUS_MISSING')
    expect(await codeOf(hostOf(orderingSystem()))).toBe('DURE_REMOTE_UNKNOWN')
    expect(start).toThrow(/DURE_URL_CATALOG.*/s)
    expect(start).toThrow(/PORT/)
  })
})

describe('the model', () => {
  it('takes a contract for a context, once, and nothing else', () => {
    expect(checkModel(orderingSystem())).toEqual([])
    const [ordering] = orderingSystem().contexts
    const again = { kind: 'context' as const, name: 'Ordering', definition: ordering as never }
    expect(() => system('S', { contexts: [again], elsewhere: [Ordering] })).toThrow(/already has a context/)
    expect(() => system('S', { contexts: [], elsewhere: [again as never] })).toThrow(/of the kind context/)
  })

  it('knows what its contract promises, and what it does not', () => {
    const { ProductListed, PriceChanged } = Catalog.events
    const events = { ProductListed: ProductListed.fields, PriceChanged: PriceChanged.fields }
    const noRefs = contract('Catalog', { events })
    expect(of({ routes: [route('GET /prices/:id', Catalog.queries.priceOf)] })).toEqual([
      'DURE_CHECK_ROUTE_ELSEWHERE error',
    ])
    const less = contract('Catalog', { queries: { other: { in: { id: ref('Product') }, out: {} } } })
    expect(new Set(of({ elsewhere: [less] }))).toEqual(new Set(['DURE_CHECK_PROMISE error']))
    expect(of({ elsewhere: [] })).toContain('DURE_CHECK_CONTEXT error')
    expect(of({ elsewhere: [noRefs] })).toContain('DURE_CHECK_REF warning')
  })
})
