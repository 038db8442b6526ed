import { describe, expect, it, onTestFinished } from 'vitest'
import { createHost, systemWorld, type Client, type Crossing, type Host, type HostOptions } from 'dure/host'
import { createHttp } from 'dure/http'
import { memoryStorage } from 'dure/memory'
import { remoteContexts } from 'dure/remote'
import { testWorld, unreliable } from 'dure/testing'
import { banks, Exchange, Rates, Won, type RatesTap } from '../fixtures/banks.ts'
import { codeOf } from '../fixtures/running.ts'

const usd = { currency: 'USD', rate: 1300, at: new Date('2026-01-01T00:00:00Z'), fee: new Won({ amount: 5 }) }

async function hostOf(tap: RatesTap, options: Partial<HostOptions> = {}): Promise<Host> {
  const host = await createHost(banks(tap), { storage: memoryStorage(), ...options })
  onTestFinished(() => host.close())
  return host
}

/** The two contexts in two processes, but for the process: each has its own host, and HTTP between them. */
async function split(tap: RatesTap): Promise<Client> {
  const rates = await hostOf(tap, { contexts: ['Rates'] })
  const http = createHttp({
    system: rates.system,
    application: rates.application,
    world: systemWorld,
    development: true,
  })
  const { port } = await http.listen({ port: 0 })
  onTestFinished(async () => void (await http.close(0)))
  const calls = await remoteContexts({
    urls: { Rates: `http://127.0.0.1:${port}` },
    world: systemWorld,
    retry: { pauseMs: 1 },
  })
  onTestFinished(() => calls.close())
  const remote = { calls, log: () => undefined }
  return (await hostOf(tap, { contexts: ['Exchange'], remote })).client({ actor: 'ann' })
}

const within =
  (crossing: Crossing) =>
  async (tap: RatesTap): Promise<Client> =>
    (await hostOf(tap, { crossing })).client({ actor: 'ann' })

// The same bad luck in each run.
const dice = testWorld({ seed: 11 })
const bad: Crossing = (callee) =>
  unreliable(callee, {
    world: { ...systemWorld, random: () => dice.random() },
    loss: 0.3,
    duplicates: 0.3,
    delayMs: 2,
    attempts: 20,
  })

describe.each<[string, (tap: RatesTap) => Promise<Client>]>([
  ['in one process, as copies', within('copied')],
  ['in one process, as values', within('plain')],
  ['in one process, over a bad network', within(bad)],
  ['in two processes', split],
])('a call from context to context, %s', (_, open) => {
  it('gets values of the contract: dates, value objects', async () => {
    const inputs: object[] = []
    const client = await open({ answer: (input) => (inputs.push(input), usd) })
    const quote = await client.ask(Exchange.queries.quote, { currency: 'USD' })
    expect(quote.rate).toBe(1300)
    expect(quote.plusFee).toBeInstanceOf(Won)
    expect(quote.plusFee.amount).toBe(6)
    expect(inputs[0]).toEqual({ currency: 'USD', on: expect.any(Date) as Date })
  })

  it('shares nothing with its caller', async () => {
    const kept = { ...usd, rate: 1, secret: 'inner' }
    const client = await open({ answer: () => kept })
    const answer = await client.ask(Rates.queries.rate, { currency: 'USD' })
    expect(answer).not.toBe(kept)
    expect(answer).not.toHaveProperty('secret')
  })

  it('fails as the callee does: nothing found, an answer that is not promised', async () => {
    const nothing = await open({ answer: () => undefined })
    expect(await codeOf(nothing.ask(Exchange.queries.quote, { currency: 'USD' }))).toBe('DURE_QUERY_NOTHING')
    const wrong = await open({ answer: () => ({ ...usd, rate: 'high' }) })
    expect(await codeOf(wrong.ask(Exchange.queries.quote, { currency: 'USD' }))).toBe('DURE_QUERY_ANSWER')
  })

  it('is made by a handler before the aggregate decides', async () => {
    const client = await open({ answer: () => usd })
    const sell = { id: 's-1', currency: 'USD', won: new Won({ amount: 10 }) }
    const reply = await client.insist(Exchange.commands.sell, sell, { key: 'k' })
    expect(reply).toMatchObject({ ok: true, id: 's-1', version: 1 })
  })

  it('hears a no with values, by the contract', async () => {
    const client = await open({ answer: () => usd })
    const no = await client.tell(Exchange.commands.sell, {
      id: 's',
      currency: 'USD',
      won: new Won({ amount: 0 }),
    })
    if (no.ok) throw new Error('nothing was rejected')
    // The compiler knows the names and their data; here there is one of each.
    expect([no.rejected, no.data.least.plus(new Won({ amount: 1 })).amount]).toEqual(['TooLittle', 2])
  })

  it('is not begun when the time is over, and not waited for longer', async () => {
    let asked = 0
    const client = await open({ answer: () => (asked++, new Promise(() => undefined)) })
    const over = { deadline: new Date(Date.now() - 1) }
    expect(await codeOf(client.ask(Exchange.queries.quote, { currency: 'USD' }, over))).toBe('DURE_DEADLINE')
    expect(asked).toBe(0)
    const soon = { deadline: new Date(Date.now() + 50) }
    const code = await codeOf(client.ask(Exchange.queries.quote, { currency: 'USD' }, soon))
    expect(['DURE_DEADLINE', 'DURE_REMOTE_TIMEOUT']).toContain(code)
    const sell = { id: 's-1', currency: 'USD', won: new Won({ amount: 10 }) }
    const command = client.tell(Exchange.commands.sell, sell, { deadline: new Date(Date.now() + 50) })
    expect(['DURE_DEADLINE', 'DURE_REMOTE_TIMEOUT']).toContain(await codeOf(command))
  })

  it('is left when the caller goes away', async () => {
    const hangUp = new AbortController()
    const client = await open({
      answer: async () => {
        hangUp.abort()
        return usd
      },
    })
    const sell = { id: 's-1', currency: 'USD', won: new Won({ amount: 10 }) }
    const { signal } = hangUp
    expect(await codeOf(client.tell(Exchange.commands.sell, sell, { signal }))).toBe('DURE_CALL_CANCELLED')
    // Nothing was stored: the same id can still be taken.
    expect(await client.tell(Exchange.commands.sell, sell)).toMatchObject({ ok: true, created: true })
  })
})

const hopeless: Crossing = (callee) => unreliable(callee, { world: systemWorld, loss: 1 })

describe('a bad network in one process', () => {
  it('loses what is always lost, and says so', async () => {
    const client = await within(hopeless)({ answer: () => usd })
    expect(await codeOf(client.ask(Exchange.queries.quote, { currency: 'USD' }))).toBe(
      'DURE_REMOTE_UNAVAILABLE',
    )
  })

  it('carries a command out once, however often it arrives', async () => {
    const host = await hostOf({ answer: () => usd })
    const world = testWorld({ seed: 7 })
    const network = unreliable(host.application, { world, loss: 0.5, duplicates: 0.5, attempts: 50 })
    for (let i = 0; i < 40; i++) {
      const envelope = { id: `command-${i}`, actor: 'ann', tenant: '', correlation: 'c' }
      const input = { currency: `C${i}`, rate: i }
      const reply = await network.command({ context: 'Rates', command: 'setRate', input, envelope })
      expect(reply).toMatchObject({ ok: true, version: 1, created: true })
    }
    await host.settled()
  })

  it('does the same each time under the same seed', async () => {
    const host = await hostOf({ answer: () => usd })
    const run = async (): Promise<readonly unknown[]> => {
      const network = unreliable(host.application, { world: testWorld({ seed: 3 }), loss: 0.6, attempts: 1 })
      const asked = { context: 'Rates', query: 'rate', input: { currency: 'USD' }, actor: 'ann', tenant: '' }
      const answers: unknown[] = []
      for (let i = 0; i < 20; i++) answers.push(await codeOf(network.query(asked)))
      return answers
    }
    const first = await run()
    expect(await run()).toEqual(first)
    expect(new Set(first.map((it) => typeof it))).toEqual(new Set(['string', 'object']))
  })
})

describe('a callee of another version', () => {
  it('that answers less than the contract says is told apart', async () => {
    const callee = { command: () => Promise.reject(new Error('no')), query: async () => ({ rate: 1 }) }
    const remote = { calls: callee, log: () => undefined }
    const host = await hostOf({ answer: () => usd }, { contexts: ['Exchange'], remote })
    const client = host.client({ actor: 'ann' })
    expect(await codeOf(client.ask(Exchange.queries.quote, { currency: 'USD' }))).toBe('DURE_REMOTE_VERSION')
  })
})
