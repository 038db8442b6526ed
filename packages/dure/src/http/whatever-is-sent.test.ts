import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { type Method, openEdge } from '../../test/fixtures/http.ts'

const { failures, send, reset, close } = openEdge()
beforeEach(reset)
afterAll(close)

/** What an answer to whatever must not be, or undefined. */
async function complaint(method: Method, url: string, body?: unknown): Promise<unknown> {
  const answer = await send(method, url, body)
  if (answer.status >= 500 || failures.length > 0) return [answer.status, failures]
  const type = answer.headers['content-type']
  return answer.status >= 400 && !String(type).startsWith('application/problem+json') ? type : undefined
}

describe('whatever is sent', () => {
  const almost = fc.record(
    {
      customer: fc.jsonValue(),
      lines: fc.array(fc.jsonValue()),
      shipTo: fc.jsonValue(),
      id: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  const urls = fc.constantFrom(
    '/orders',
    '/c/ordering/rejectOrder',
    '/q/ordering/orders',
    '/c/inventory/openStock',
  )
  const bodies = fc.oneof(fc.jsonValue(), almost).map((it) => JSON.stringify(it))
  const bytes = fc.uint8Array({ maxLength: 60 }).map((it) => Buffer.from(it))
  const asked = fc.webQueryParameters().map((it) => `/q/ordering/orders?${it}`)
  const paths = fc.webPath().map((it) => `/orders${it || '/'}`)

  it('as JSON never fails inside', async () => {
    const property = fc.asyncProperty(urls, bodies, async (url, body) => {
      expect(await complaint('POST', url, body)).toBeUndefined()
    })
    await fc.assert(property, { numRuns: 500 })
  })

  it('as bytes never fails inside', async () => {
    const property = fc.asyncProperty(bytes, async (body) => {
      expect(await complaint('POST', '/orders', body)).toBeUndefined()
    })
    await fc.assert(property, { numRuns: 300 })
  })

  it('in the URL never fails inside', async () => {
    const property = fc.asyncProperty(fc.oneof(asked, paths), async (url) => {
      expect(await complaint('GET', url)).toBeUndefined()
    })
    await fc.assert(property, { numRuns: 300 })
  })
})
