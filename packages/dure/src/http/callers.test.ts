import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHost, systemWorld, type Host } from 'dure/host'
import { clientCertificates, oidc } from 'dure/identity'
import { memoryStorage } from 'dure/memory'
import { helpDesk } from '../../test/fixtures/tickets.ts'
import { shop } from '../../test/fixtures/shop.ts'
import { createHttp, openApiOf, type Http } from './index.ts'

let host: Host
const edges: Record<string, Http> = {}
beforeAll(async () => {
  host = await createHost(helpDesk, { storage: memoryStorage() })
  const { application } = host
  const common = { system: helpDesk, application, world: systemWorld }
  edges['development'] = createHttp({ ...common, development: true })
  edges['plain'] = createHttp(common)
})
afterAll(async () => {
  await Promise.all(Object.values(edges).map((it) => it.close()))
  await host.close()
})

async function opened(edge: string, headers: Record<string, string>): Promise<number> {
  const payload = { customer: 'kim', text: 'x' }
  const answer = await (edges[edge] as Http).server.inject({
    method: 'POST',
    url: '/tickets',
    headers,
    payload,
  })
  return answer.statusCode
}

describe('without an identity', () => {
  test('the developer may do everything in development, and be others', async () => {
    expect(await opened('development', {})).toBe(201)
    expect(await opened('development', { 'dure-actor': 'lee' })).toBe(201)
    // Who says what the roles are is held to them.
    expect(await opened('development', { 'dure-actor': 'lee', 'dure-roles': '' })).toBe(403)
    expect(await opened('development', { 'dure-actor': 'lee', 'dure-roles': 'x, clerk' })).toBe(201)
    expect(await opened('development', { 'dure-actor': 'kim', 'dure-roles': 'x' })).toBe(201)
    expect(await opened('development', { 'dure-roles': 'x' })).toBe(401)
    expect(await opened('development', { 'dure-roles': 'clérk' })).toBe(400)
  })

  test('everybody is anonymous elsewhere, whatever is said', async () => {
    expect(await opened('plain', {})).toBe(401)
    expect(await opened('plain', { 'dure-actor': 'kim', 'dure-roles': 'clerk' })).toBe(401)
    expect(await opened('plain', { authorization: 'Bearer x' })).toBe(401)
  })
})

test('with an identity, a system that does not say who may is not served', () => {
  const identity = clientCertificates({ services: {} })
  const { application } = host
  expect(() => createHttp({ system: shop, application, world: systemWorld, identity })).toThrow(
    expect.objectContaining({ code: 'DURE_ACCESS_UNDECIDED' }),
  )
})

describe('the document', () => {
  test('says of each operation who may, and how that is shown', () => {
    const { paths, components } = openApiOf(helpDesk)
    expect(components['securitySchemes']).toEqual({
      user: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    })
    expect(paths['/tickets/{id}/close']?.['post']).toMatchObject({
      description: 'For role clerk.',
      security: [{ user: [] }],
      responses: {
        '401': { $ref: '#/components/responses/Unauthenticated' },
        '403': { $ref: '#/components/responses/Forbidden' },
      },
    })
    const hours = paths['/q/desk/hours']?.['get']
    expect(hours?.security).toEqual([])
    expect(hours?.responses).not.toHaveProperty('401')
  })

  test('names the provider that a process trusts', () => {
    const users = oidc({ issuer: 'https://id.example/realms/a', audience: 'desk' })
    const { components } = openApiOf(helpDesk, '1', [users, clientCertificates({ services: {} })])
    expect(components['securitySchemes']).toMatchObject({
      user: {
        type: 'openIdConnect',
        openIdConnectUrl: 'https://id.example/realms/a/.well-known/openid-configuration',
      },
    })
    expect(Object.keys(components['securitySchemes'] as object)).toEqual(['user'])
  })

  test('says nothing of it where the model does not', () => {
    const { paths, components } = openApiOf(shop)
    expect(components).not.toHaveProperty('securitySchemes')
    expect(JSON.stringify(paths)).not.toContain('"security"')
  })
})
