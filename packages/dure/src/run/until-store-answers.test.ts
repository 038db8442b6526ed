import { createServer, type AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { fault } from '../kernel/errors/fault.ts'
import { memoryStorage } from '../adapters/memory/index.ts'
import { untilStoreAnswers } from './until-store-answers.ts'

const quiet = { log: () => undefined, over: () => false }

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => void server.close(resolve))
  return port
}

/** A store that is away until it is told to be there. */
function away() {
  let here = false
  const storage = {
    ...memoryStorage(),
    async ping() {
      if (!here) throw fault('DURE_STORE_UNAVAILABLE', { store: 'far', reason: 'it is being moved' })
    },
  }
  return { storage, comes: () => (here = true) }
}

it('a store that is away is waited for, and meanwhile the process lives, is not ready and says why', async () => {
  const { storage, comes } = away()
  const PORT = await freePort()
  const said: string[] = []
  const log = (_: string, message: string): void => void said.push(message)
  const done = untilStoreAnswers(storage, { HOST: '127.0.0.1', PORT }, { ...quiet, log, listens: true })
  await expect.poll(() => said).toEqual(['waiting for the store'])
  const live = await fetch(`http://127.0.0.1:${PORT}/healthz`)
  expect([live.status, await live.json()]).toEqual([200, { status: 'live' }])
  for (const path of ['/readyz', '/c/ordering/placeOrder']) {
    const answer = await fetch(`http://127.0.0.1:${PORT}${path}`)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    const problem = (await answer.json()) as { readonly code: string; readonly detail: string }
    expect(problem.code).toBe('DURE_HTTP_NOT_READY')
    expect(problem.detail).toContain('it is being moved')
  }
  comes()
  await done
  expect(said.at(-1)).toBe('the store answers')
  await expect(fetch(`http://127.0.0.1:${PORT}/healthz`)).rejects.toThrow('fetch failed')
})

it('what no waiting mends is told at once, and who is told to stop does not wait', async () => {
  const at = { HOST: '127.0.0.1', PORT: 0 }
  const refused = fault('DURE_STORE_REFUSED', { store: 'far', sqlstate: '28P01', reason: 'wrong password' })
  const closed = { ...memoryStorage(), ping: () => Promise.reject(refused) }
  await expect(untilStoreAnswers(closed, at, { ...quiet, listens: true })).rejects.toBe(refused)
  await untilStoreAnswers(away().storage, at, { ...quiet, listens: false, over: () => true })
})

it('a port that is taken is told also while the store is away', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve))
  const { port: PORT } = other.address() as AddressInfo
  const waiting = untilStoreAnswers(away().storage, { HOST: '127.0.0.1', PORT }, { ...quiet, listens: true })
  await expect(waiting).rejects.toMatchObject({ code: 'DURE_PORT_IN_USE' })
  other.close()
})
