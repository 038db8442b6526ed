import { describe, expect, it, onTestFinished } from 'vitest'
import { systemWorld, type QueryCall } from 'dure/host'
import { accepted } from '../../test/fixtures/http.ts'
import {
  approve,
  callerOf,
  elsewhere,
  failureOf,
  orders,
  type Elsewhere,
} from '../../test/fixtures/elsewhere.ts'
import { networkTo, type Network } from '../../test/fixtures/network.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'

async function across(there: Elsewhere): Promise<Network> {
  const network = await networkTo(there.port)
  onTestFinished(() => network[Symbol.asyncDispose]())
  return network
}

const clockOff = (ms: number): World => ({ ...systemWorld, now: () => new Date(Date.now() + ms) })
const inMs = (ms: number, from = Date.now()): Date => new Date(from + ms)
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

describe('the time of a call', () => {
  it('shrinks from hop to hop, whatever the clocks say', async () => {
    const minutes = 60_000
    const [second, third] = [clockOff(7 * minutes), clockOff(-11 * minutes)]
    const left = { second: 0, third: 0 }
    const last = await elsewhere(
      {
        query: ({ deadline }) => {
          left.third = (deadline?.getTime() ?? 0) - third.now().getTime()
          return {}
        },
      },
      { world: third },
    )
    const onward = await callerOf(last.url, { world: second })
    const middle = await elsewhere(
      {
        async query(call) {
          left.second = (call.deadline?.getTime() ?? 0) - second.now().getTime()
          await pause(40)
          return (await onward.query(call)) as object
        },
      },
      { world: second },
    )
    const remote = await callerOf(middle.url)
    await remote.query(orders({ deadline: inMs(5000) }))
    expect(left.second).toBeGreaterThan(4000)
    expect(left.second).toBeLessThanOrEqual(5000)
    expect(left.third).toBeGreaterThan(4000)
    expect(left.third).toBeLessThanOrEqual(left.second - 35)
  })

  it('is ten seconds where nothing is said, or what the caller is given', async () => {
    const there = await elsewhere()
    const left = (): number => (there.queries.at(-1)?.deadline?.getTime() ?? 0) - Date.now()
    await (await callerOf(there.url)).query(orders())
    expect(left()).toBeGreaterThan(9000)
    expect(left()).toBeLessThanOrEqual(10_000)
    await (await callerOf(there.url, { timeoutMs: 700 })).query(orders())
    expect(left()).toBeLessThanOrEqual(700)
  })

  it('that is over begins nothing', async () => {
    const there = await elsewhere()
    const remote = await callerOf(there.url)
    const late = { code: 'DURE_DEADLINE', kind: 'unavailable' }
    expect(await failureOf(remote.query(orders({ deadline: inMs(-1) })))).toMatchObject(late)
    expect(await failureOf(remote.command(approve({ deadline: inMs(-1) })))).toMatchObject(late)
    expect([...there.queries, ...there.commands]).toEqual([])
  })

  it('ends the wait, and says under which key to ask again', async () => {
    let signal: AbortSignal | undefined
    const there = await elsewhere({
      command: (call) => {
        signal = call.envelope.signal
        return new Promise(() => undefined)
      },
    })
    const remote = await callerOf(there.url)
    expect(await failureOf(remote.command(approve({ key: 'k', deadline: inMs(60) })))).toMatchObject({
      code: 'DURE_REMOTE_TIMEOUT',
      kind: 'unavailable',
      details: { remote: 'Ordering', what: 'approveOrder', key: 'k' },
    })
    await expect.poll(() => signal?.aborted).toBe(true)
  })
})

describe('a caller that goes away', () => {
  it('is heard of at the end of two hops', async () => {
    const asked: QueryCall[] = []
    const last = await elsewhere({
      query: (call) => (asked.push(call), new Promise(() => undefined)),
    })
    const onward = await callerOf(last.url)
    const middle = await elsewhere({ query: async (call) => (await onward.query(call)) as object })
    const remote = await callerOf(middle.url)
    const hangUp = new AbortController()
    const answer = failureOf(remote.query(orders({ signal: hangUp.signal })))
    await expect.poll(() => asked.length).toBe(1)
    expect(asked[0]?.signal?.aborted).toBe(false)
    hangUp.abort()
    expect(await answer).toMatchObject({ code: 'DURE_CALL_CANCELLED' })
    await expect.poll(() => asked[0]?.signal?.aborted).toBe(true)
  })

  it('before the call sends nothing', async () => {
    const there = await elsewhere()
    const remote = await callerOf(there.url)
    const answer = remote.query(orders({ signal: AbortSignal.abort() }))
    expect(await failureOf(answer)).toMatchObject({ code: 'DURE_CALL_CANCELLED' })
    expect(there.queries).toEqual([])
  })

  it('once it has its answer is nobody to be told of', async () => {
    const there = await elsewhere()
    const remote = await callerOf(there.url)
    await remote.query(orders())
    await remote.close()
    await there.stop()
    expect(there.queries[0]?.signal?.aborted).toBe(false)
  })
})

describe('a context that is away', () => {
  it('is asked again until it is back, within the time of the call', async () => {
    const gone = await elsewhere()
    await gone.stop()
    const remote = await callerOf(gone.url, { retry: { attempts: 50, pauseMs: 4 } })
    const answer = remote.query(orders())
    await pause(30)
    const back = await elsewhere({}, { port: gone.port })
    expect(await answer).toEqual({ status: 'pending' })
    expect(back.queries.length).toBe(1)
  })

  it('is not asked for ever, nor longer than the call may take', async () => {
    const gone = await elsewhere()
    await gone.stop()
    expect(await failureOf((await callerOf(gone.url)).query(orders()))).toMatchObject({
      code: 'DURE_REMOTE_UNAVAILABLE',
      kind: 'unavailable',
      details: { remote: 'Ordering', attempts: 5 },
    })
    const patient = await callerOf(gone.url, { retry: { attempts: 1000, pauseMs: 20 } })
    const from = Date.now()
    expect(await failureOf(patient.query(orders({ deadline: inMs(100) })))).toMatchObject({
      code: expect.stringMatching(/^DURE_REMOTE_(UNAVAILABLE|TIMEOUT)$/) as string,
    })
    expect(Date.now() - from).toBeLessThan(1000)
  })

  it('carries out once a command whose answer was lost, asked again under its key', async () => {
    const stored = new Set<string | undefined>()
    const there = await elsewhere({ command: async (it) => (stored.add(it.envelope.key), accepted) })
    const network = await across(there)
    const remote = await callerOf(network.url, { retry: { attempts: 100, pauseMs: 4 } })
    network.weather = 'no answers'
    const answer = remote.command(approve())
    await expect.poll(() => there.commands.length).toBeGreaterThan(1)
    network.weather = 'fair'
    expect(await answer).toMatchObject({ ok: true })
    expect(stored.size).toBe(1)
  })

  it('is told nothing twice once it has begun to answer', async () => {
    const there = await elsewhere({
      command: () => Promise.reject(fault('DURE_STORE_CLOSED', { store: 's' })),
    })
    const remote = await callerOf(there.url)
    expect(await failureOf(remote.command(approve()))).toMatchObject({ code: 'DURE_STORE_CLOSED' })
    expect(there.commands.length).toBe(1)
  })

  it('is asked again when it is busy, but not when it is one behind it that is away', async () => {
    let busy = 1
    const there = await elsewhere({
      query: async ({ input }) => {
        if (busy-- > 0) throw fault('DURE_STORE_CLOSED', { store: 's' })
        return input as object
      },
    })
    expect(await (await callerOf(there.url)).query(orders())).toEqual({ status: 'pending' })
    expect(there.queries.length).toBe(2)

    const away = { remote: 'Stock', what: 'stockOf', reason: 'gone', attempts: 5 }
    const between = await elsewhere({ query: () => Promise.reject(fault('DURE_REMOTE_UNAVAILABLE', away)) })
    expect(await failureOf((await callerOf(between.url)).query(orders()))).toMatchObject({
      code: 'DURE_REMOTE_UNAVAILABLE',
      details: { remote: 'Stock' },
    })
    expect(between.queries.length).toBe(1)
  })

  it('adds a tenth to the load, not ten times as much, while it stays away', async () => {
    const there = await elsewhere()
    const network = await across(there)
    network.weather = 'no answers'
    const remote = await callerOf(network.url, { retry: { pauseMs: 1 } })
    await Promise.all(Array.from({ length: 300 }, () => failureOf(remote.query(orders()))))
    // Each once, and a hundred repetitions that were put by.
    expect(there.queries.length).toBeLessThanOrEqual(400)
  })
})

describe('a network that was cut', () => {
  it('does not keep the calls after it from their answers', async () => {
    const there = await elsewhere()
    const network = await across(there)
    const remote = await callerOf(network.url)
    // Connections that will lead nowhere, and look open.
    await Promise.all(Array.from({ length: 8 }, () => remote.query(orders())))
    network.weather = 'a hole'
    expect(await failureOf(remote.query(orders({ deadline: inMs(80) })))).toMatchObject({
      code: 'DURE_REMOTE_TIMEOUT',
    })
    // The old connections stay dead, as those do that a firewall has forgotten; only new ones lead anywhere.
    const before = network.connections
    network.weather = 'fair'
    expect(await remote.query(orders({ deadline: inMs(2000) }))).toEqual({ status: 'pending' })
    expect(network.connections).toBe(before + 1)
  })
})
