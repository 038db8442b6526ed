import { describe, expect, it, onTestFinished } from 'vitest'
import { createClient, type ClientOptions } from 'dure/client'
import { createHost, systemWorld, type Client } from 'dure/host'
import { createHttp } from 'dure/http'
import { memoryStorage } from 'dure/memory'
import { banks, Exchange, Rates, Won, type RatesTap } from '../../test/fixtures/banks.ts'
import { codeOf } from '../../test/fixtures/running.ts'

const usd = { currency: 'USD', rate: 1300, at: new Date('2026-01-01T00:00:00Z'), fee: new Won({ amount: 5 }) }

async function speakingTo(tap: RatesTap, options: ClientOptions = {}): Promise<Client & { url: string }> {
  const host = await createHost(banks(tap), { storage: memoryStorage() })
  const { system, application } = host
  const http = createHttp({ system, application, world: systemWorld, development: true })
  const { port } = await http.listen({ port: 0 })
  onTestFinished(async () => {
    await http.close(0)
    await host.close()
  })
  const url = `http://127.0.0.1:${port}`
  return { ...createClient({ url: `${url}/`, retry: { pauseMs: 1 }, ...options }), url }
}

describe('a client over fetch', () => {
  it('asks, tells and insists by contracts', async () => {
    const inputs: object[] = []
    const client = await speakingTo({ answer: (input) => (inputs.push(input), usd) })
    const on = new Date('2026-02-01T00:00:00Z')
    const answer = await client.ask(Rates.queries.rate, { currency: 'USD', on })
    expect(answer).toEqual(usd)
    expect(answer.fee).toBeInstanceOf(Won)
    expect(inputs).toEqual([{ currency: 'USD', on }])

    const sell = { id: 's-1', currency: 'USD', won: new Won({ amount: 10 }) }
    const { version, token } = await client.insist(Exchange.commands.sell, sell, { key: 'k' })
    expect(version).toBe(1)
    expect(await client.tell(Exchange.commands.sell, sell, { key: 'k' })).toMatchObject({ ok: true, version })
    expect(await client.ask(Rates.queries.asked, { tags: ['a'] }, { notBefore: token })).toEqual([
      { tag: 'a' },
    ])
  })

  it('hears a no with its data, and errors with their codes', async () => {
    const client = await speakingTo({ answer: () => undefined })
    const tooHigh = { currency: 'USD', rate: 20_000 }
    expect(await client.tell(Rates.commands.setRate, tooHigh)).toEqual({
      ok: false,
      rejected: 'TooHigh',
      data: { most: 10_000 },
    })
    expect(await codeOf(client.insist(Rates.commands.setRate, tooHigh))).toBe('DURE_REJECTED')
    expect(await codeOf(client.ask(Rates.queries.rate, { currency: 'USD' }))).toBe('DURE_QUERY_NOTHING')
    expect(await codeOf(client.ask(Rates.queries.rate, { currency: 1 as never }))).toBe(
      'DURE_COMMAND_INVALID',
    )
  })

  it('says who asks with each call, also when that changes', async () => {
    const sent: (string | null)[] = []
    const tokens = ['first', 'second']
    const recording: NonNullable<ClientOptions['fetch']> = (url, init) => {
      sent.push(new Headers(init.headers).get('authorization'))
      return fetch(url, init)
    }
    const client = await speakingTo({ answer: () => usd }, { token: () => tokens.shift(), fetch: recording })
    for (let i = 0; i < 3; i++) await client.ask(Rates.queries.rate, { currency: 'USD' })
    expect(sent).toEqual(['Bearer first', 'Bearer second', null])
  })

  it('tries again under the same key what failed on the way', async () => {
    const keys: (string | null)[] = []
    const stumbling: NonNullable<ClientOptions['fetch']> = async (url, init) => {
      keys.push(new Headers(init.headers).get('idempotency-key'))
      const answer = await fetch(url, init)
      if (keys.length < 3) throw new TypeError('network error')
      return answer
    }
    const client = await speakingTo({ answer: () => usd }, { fetch: stumbling })
    const reply = await client.insist(Rates.commands.setRate, { currency: 'EUR', rate: 1400 })
    expect(reply).toMatchObject({ id: 'EUR', version: 1 })
    expect(keys.length).toBe(3)
    expect(new Set(keys).size).toBe(1)
  })

  it('waits as long as it is told, and hears when it is not wanted any more', async () => {
    const asked: unknown[] = []
    const tap = { answer: (input: object) => (asked.push(input), new Promise<object>(() => undefined)) }
    const client = await speakingTo(tap, { timeoutMs: 50 })
    expect(['DURE_REMOTE_TIMEOUT', 'DURE_DEADLINE']).toContain(
      await codeOf(client.ask(Rates.queries.rate, { currency: 'USD' })),
    )
    const hangUp = new AbortController()
    const patient = { signal: hangUp.signal, deadline: new Date(Date.now() + 10_000) }
    const answer = codeOf(client.ask(Rates.queries.rate, { currency: 'USD' }, patient))
    await expect.poll(() => asked.length).toBe(2)
    hangUp.abort()
    expect(await answer).toBe('DURE_CALL_CANCELLED')
  })

  it('tells when nothing answers', async () => {
    const client = createClient({ url: 'http://127.0.0.1:1', retry: { attempts: 2, pauseMs: 1 } })
    expect(await codeOf(client.ask(Rates.queries.rate, { currency: 'USD' }))).toBe('DURE_REMOTE_UNAVAILABLE')
  })
})
