import assert from 'node:assert/strict'
import type { ThirdParty } from '../../../model/attached/clients.ts'
import type { GivenAnswer, ReceivedRequest } from '../../attached/third-party-stand-in.ts'
import {
  refused,
  registerCases,
  type Register,
  type ResourceCase,
  type ResourceHarness,
} from './resource-cases.ts'

/**
 * What the other side does while the cases run: `/echo…` answers what it got, `/status/<n>` that status, `/slow` never, and
 * everything else 404.
 */
export async function thirdPartyScript(request: ReceivedRequest): Promise<GivenAnswer> {
  const status = /^\/status\/(\d+)$/.exec(request.path)?.[1]
  if (status !== undefined) return { status: Number(status), json: { status: Number(status) } }
  if (request.path === '/slow') return new Promise(() => undefined)
  return request.path.startsWith('/echo') ? { json: request } : { status: 404 }
}

const away = 'DURE_RESOURCE_UNAVAILABLE'

/** Everything that the client of a third party promises, one case each. */
export const thirdPartyCases: readonly ResourceCase<ThirdParty>[] = [
  {
    name: 'sends method, path, query, headers, key and JSON, and reads JSON',
    async run(client) {
      const answer = await client.post('/echo/a%20b', {
        query: { q: 'é&=', n: 1, none: undefined },
        headers: { 'x-own': 'yes' },
        json: { amount: 1, text: '한' },
        key: 'k-1',
      })
      assert.deepEqual([answer.status, answer.ok], [200, true])
      const got = answer.body as ReceivedRequest
      assert.deepEqual([got.method, got.path, got.query], ['POST', '/echo/a%20b', { q: 'é&=', n: '1' }])
      assert.deepEqual(got.json, { amount: 1, text: '한' })
      assert.deepEqual([got.headers['x-own'], got.headers['idempotency-key']], ['yes', 'k-1'])
      assert.equal(((await client.get('/echo')).body as ReceivedRequest).json, undefined)
    },
  },
  {
    name: 'a status below 500 is an answer, from 500 on and 429 it is a failure',
    async run(client) {
      for (const status of [201, 400, 404, 422]) {
        const answer = await client.get(`/status/${status}`)
        assert.deepEqual([answer.status, answer.ok], [status, status < 300])
      }
      await refused(client.get('/status/500'), away)
      await refused(client.get('/status/429'), away)
      assert.equal((await client.get('/none')).status, 404)
    },
  },
  {
    name: 'waits no longer than it is told, and no longer than its caller wants',
    async run(client) {
      await refused(client.get('/slow', { timeoutMs: 20 }), away)
      const caller = new AbortController()
      const asked = client.get('/slow', { signal: caller.signal })
      caller.abort()
      await assert.rejects(asked, { name: 'AbortError' })
      assert.equal((await client.get('/status/200')).ok, true)
    },
  },
  {
    name: 'stops asking after failures in a row',
    async run(client) {
      for (let i = 0; i < 5; i++) await refused(client.get('/status/503'), away)
      await assert.rejects(client.get('/status/200'), /breaker open/)
    },
  },
  {
    name: 'a path never leads to another place',
    async run(client) {
      for (const path of ['', 'echo', '//evil.example/', 'https://evil.example/', '@evil.example/']) {
        await refused(client.get(path), 'DURE_RESOURCE_INPUT')
      }
    },
  },
]

/** Registers every case; each opens a client of its own, with a breaker of 5 failures, at somebody that follows the script. */
export function thirdPartyConformance(harness: ResourceHarness<ThirdParty>, it: Register): void {
  registerCases(harness, thirdPartyCases, it)
}
