import { createConfig, lintFromString } from '@redocly/openapi-core'
import { describe, expect, it } from 'vitest'
import * as v from 'valibot'
import * as z from 'zod'
import {
  aggregate,
  context,
  contract,
  event,
  list,
  object,
  oneOf,
  optional,
  ref,
  route,
  system,
  valueObject,
} from 'dure'
import { openApiOf } from 'dure/http'
import { oidc, serviceTokens } from 'dure/identity'
import { shop } from '../../../test/fixtures/shop.ts'
import { helpDesk } from '../../../test/fixtures/tickets.ts'

const document = openApiOf(shop, '1.2.3')
const at = (path: string, method: string) => document.paths[path]?.[method]

async function problemsOf(it: unknown): Promise<readonly string[]> {
  // A licence is the user's to state, and servers are relative to where the document is served.
  const rules = { 'info-license': 'off', 'info-license-strict': 'off' } as const
  const config = await createConfig({ extends: ['recommended-strict'], rules })
  const found = await lintFromString({ source: JSON.stringify(it), absoluteRef: 'openapi.json', config })
  return found.map((one) => `${one.ruleId}: ${one.message} (${one.location[0]?.pointer})`)
}

describe('the OpenAPI document of the shop', () => {
  it('is valid, and as strict tools want it', async () => {
    expect(await problemsOf(document)).toEqual([])
  })

  it('is so where it says who may', async () => {
    const users = oidc({ issuer: 'https://id.example', audience: 'desk' })
    expect(await problemsOf(openApiOf(helpDesk))).toEqual([])
    expect(await problemsOf(openApiOf(helpDesk, '1', [users, serviceTokens({ peers: {} })]))).toEqual([])
  })

  it('has every command, query and route', () => {
    expect(document.info).toEqual({ title: 'Shop', version: '1.2.3' })
    expect(document.tags.map((it) => it.name)).toEqual(['Ordering', 'Inventory'])
    expect(
      Object.entries(document.paths).flatMap(([path, it]) => Object.keys(it).map((m) => `${m} ${path}`)),
    ).toEqual([
      'post /c/ordering/placeOrder',
      'post /c/ordering/approveOrder',
      'post /c/ordering/rejectOrder',
      'post /c/ordering/eraseOrder',
      'get /q/ordering/orderById',
      'post /q/ordering/orderById',
      'get /q/ordering/orders',
      'post /q/ordering/orders',
      'post /c/inventory/openStock',
      'get /q/inventory/stockOf',
      'post /q/inventory/stockOf',
      'post /orders',
      'get /orders/{id}',
    ])
  })

  it('says 201 with Location for a factory, and 200 else', () => {
    const created = at('/orders', 'post')?.responses
    expect(created?.['201']?.['headers']).toHaveProperty('location')
    expect(created).not.toHaveProperty('200')
    expect(at('/c/ordering/approveOrder', 'post')?.responses).toHaveProperty('200')
    expect(at('/c/inventory/openStock', 'post')?.responses['201']?.['headers']).not.toHaveProperty('location')
  })

  it('types each no of the domain, with what the aggregate knows', () => {
    const no = at('/c/ordering/approveOrder', 'post')?.responses['422'] as never as {
      content: { 'application/problem+json': { schema: { oneOf: { $ref: string }[] } } }
    }
    const refs = no.content['application/problem+json'].schema.oneOf.map((it) => it.$ref.split('/').at(-1))
    expect(refs).toEqual([
      'Ordering.Rejected.EmptyOrder',
      'Ordering.Rejected.AlreadyDecided',
      'Ordering.Rejected.TooExpensive',
      'KeyReused',
    ])
    const schemas = document.components['schemas'] as Record<string, unknown>
    expect(schemas['Ordering.Rejected.AlreadyDecided']).toMatchObject({
      properties: {
        rejected: { const: 'AlreadyDecided' },
        data: { properties: { status: { type: 'string' } }, required: ['status'] },
      },
    })
    const stock = at('/c/inventory/openStock', 'post')?.responses['422']
    expect(JSON.stringify(stock)).not.toContain('Rejected')
  })

  it('is the same each time', () => {
    expect(openApiOf(shop, '1.2.3')).toEqual(document)
  })
})

describe('an OpenAPI document', () => {
  class Money extends valueObject('Money', { amount: z.int(), currency: oneOf('KRW') }) {}
  class Price extends valueObject('Money', { cents: z.int() }) {}
  const Node = z.object({
    name: z.string(),
    get children() {
      return z.array(Node)
    },
  })
  const Made = event('Made', { by: ref('Person') })
  const Thing = aggregate('Thing', { state: { by: ref('Person') }, events: { Made } })
    .starts({ Made: (e) => e })
    .evolves({})
    .factory('make', {}, (_, { emit }) => emit.Made({ by: 'x' }))
  const first = contract('First', {
    commands: { make: {}, other: {} },
    queries: {
      search: {
        in: { price: optional(Money), tags: list(z.string()), since: optional(v.date()) },
        out: list(object({ tree: Node, price: Money })),
      },
    },
  })
  const second = contract('Second', { queries: { make: { in: { price: Price }, out: { price: Price } } } })
  const one = context(first, [Thing]).implements({
    commands: { make: Thing.commands.make, other: Thing.commands.make },
    queries: { search: () => [] },
  })
  const two = context(second, []).implements({ queries: { make: (it) => it } })
  const both = system('Both', {
    contexts: [one, two],
    routes: [route('GET /search/:tags', first.queries.search), route('PUT /things', first.commands.make)],
  })

  it('keeps apart what has one name in two contexts, follows recursion, and stays valid', async () => {
    const made = openApiOf(both)
    expect(await problemsOf(made)).toEqual([])
    const schemas = made.components['schemas'] as Record<string, { properties?: object }>
    const moneys = Object.keys(schemas).filter((it) => it.includes('Money'))
    expect(moneys.length).toBeGreaterThanOrEqual(2)
    expect(JSON.stringify(made)).not.toContain('#/$defs/')
    expect(JSON.stringify(made)).toContain('"x-vendor":"valibot"')
  })
})
