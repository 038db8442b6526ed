import * as z from 'zod'
import { expect, it } from 'vitest'
import { contract, ref, route, system } from 'dure'
import { shop } from '../../test/fixtures/shop.ts'
import { endpointsOf } from './endpoint.ts'

const Far = contract('FarAway', {
  commands: { rename: { id: ref('Thing'), name: z.string() } },
  queries: { rename: { in: { id: ref('Thing') }, out: { name: z.string() } } },
})
const of = (...routes: Parameters<typeof route>[]) =>
  endpointsOf(system('S', { contexts: [], routes: routes.map((it) => route(...it)) }))

it('names each operation once, in words that a generated client can use', () => {
  const ids = endpointsOf(shop).map((it) => it.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.every((it) => /^\w+$/.test(it))).toBe(true)
})

it('serves also what belongs to a context known by its contract only', () => {
  const [put] = of(['PUT /things/:id/name', Far.commands.rename])
  expect(put).toMatchObject({ context: 'FarAway', parameters: ['id'], creates: false, aggregate: undefined })
})

it('refuses a parameter that is no field', () => {
  expect(() => of(['GET /things/:thing', Far.queries.rename])).toThrow(
    ':thing is not a field of FarAway.rename.',
  )
})

it('refuses two routes for the same requests', () => {
  const first: Parameters<typeof route> = ['GET /things/:id', Far.queries.rename]
  expect(() => of(first, first)).toThrow('already has a route named GET /things/:id')
})

it.each(['/healthz', '/c/x', '/reference', '/openapi.json', '/q'])('refuses a route at %s', (path) => {
  expect(() => of([`GET ${path}`, Far.queries.rename])).toThrow('this path belongs to Dure.')
})
