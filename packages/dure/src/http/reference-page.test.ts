import { describe, expect, it } from 'vitest'
import { openApiOf } from 'dure/http'
import { shopHttp } from '../../test/fixtures/http.ts'
import { shop } from '../../test/fixtures/shop.ts'
import { referencePage } from './reference-page.ts'

const base = 'http://localhost:3000'
const page = referencePage(openApiOf(shop), base)

describe('the reference page', () => {
  it('fetches nothing, from nowhere', () => {
    expect(page).not.toMatch(/<(script|link|img|iframe|object|embed|video|audio|source|form)\b/i)
    expect(page).not.toMatch(/(src|srcset|action|background)\s*=/i)
    expect(page).not.toMatch(/url\(|@import|@font-face/i)
    const links = [...page.matchAll(/href="([^"]*)"/g)].map((it) => it[1])
    expect(links.filter((it) => !it?.startsWith('#'))).toEqual(['openapi.json'])
    expect([...page.matchAll(/https?:\/\/[^/'\s]+/g)].every((it) => it[0] === base)).toBe(true) // in curl lines only
  })

  it('shows each operation with a line to try it', () => {
    expect(page.match(/<details id="(Ordering|Inventory)_/g)).toHaveLength(13)
    expect(page).toContain('curl -X POST &#39;http://localhost:3000/orders&#39;')
    expect(page).toContain('curl &#39;http://localhost:3000/orders/order-1&#39;')
    expect(page).toContain('Ordering.Rejected.AlreadyDecided')
  })

  it('links only to what is on it', () => {
    const ids = new Set([...page.matchAll(/id="([^"]*)"/g)].map((it) => it[1]))
    const links = [...page.matchAll(/href="#([^"]*)"/g)].map((it) => it[1])
    expect(links.filter((it) => !ids.has(it))).toEqual([])
  })

  it('shows what the model says as text, never as markup', () => {
    const evil = {
      ...openApiOf(shop),
      info: { title: '<script>alert(1)</script>', version: '"><img src=x>' },
    }
    const it = referencePage(evil, base)
    expect(it).not.toContain('<script')
    expect(it).not.toContain('<img')
  })
})

describe('the documents over HTTP', () => {
  it('are served with a policy that forbids everything else, and a host that is only text', async () => {
    const { http } = shopHttp(undefined, { version: '7' })
    const document = await http.server.inject('/openapi.json')
    expect(document.json()).toEqual(openApiOf(shop, '7'))
    const served = await http.server.inject({ url: '/reference', headers: { host: 'x"><b>' } })
    expect(served.headers['content-security-policy']).toContain("default-src 'none'")
    expect(served.body).not.toContain('x"><b>')
    await http.close()
  })

  it('can be left out', async () => {
    const { http } = shopHttp(undefined, { documents: false })
    expect((await http.server.inject('/openapi.json')).statusCode).toBe(404)
    expect((await http.server.inject('/reference')).statusCode).toBe(404)
    await http.close()
  })
})
