import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { order } from '../../test/fixtures/http.ts'

const program = fileURLToPath(new URL('../../test/fixtures/stopping-process.ts', import.meta.url))
const line = { lineId: 'l-1', product: 'p-1', quantity: 1, price: { amount: 10, currency: 'KRW' } }
// Large enough that working on all at once shows in the memory: 550 MB more, where this takes 250.
const filler = { addr2: 'x'.repeat(100_000) }
const body = JSON.stringify({ ...order, lines: [line], shipTo: { ...order.shipTo, ...filler } })

interface Answered {
  readonly status: number | undefined
  readonly retryAfter: string | undefined
  readonly ms: number
}

function place(url: string, agent: Agent): Promise<Answered> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const asked = request(`${url}/c/ordering/placeOrder`, { method: 'POST', agent, headers }, (answer) => {
      const { statusCode: status, headers: got } = answer
      answer.resume()
      resolve({ status, retryAfter: got['retry-after'], ms: performance.now() - began })
    })
    // What is shed is answered before its body has been sent, and the rest of it may meet a closed connection.
    asked.on('error', reject)
    asked.end(body)
  })
}

// Where the system does not tell, nothing is measured.
const peakOf = (pid: number): number =>
  !existsSync(`/proc/${pid}/status`)
    ? 0
    : Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

it('2,000 requests at once on a slow store: some are answered, the rest is shed, and memory stays bounded', async () => {
  const child = spawn(process.execPath, ['--conditions=@dure/source', program], {
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
      NODE_ENV: 'test',
      PORT: '0',
      TEST_STORAGE: 'slow',
      DURE_MAX_REQUESTS: '100',
      DURE_MAX_QUEUE: '100',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const url = await new Promise<string>((resolve) => {
    let out = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
      const found = /LISTENING (\S+)\n/.exec(out)?.[1]
      if (found !== undefined) resolve(found)
    })
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 2000 })
  onTestFinished(() => agent.destroy())
  const before = peakOf(child.pid as number)
  const answers = await Promise.all(Array.from({ length: 2000 }, () => place(url, agent)))
  const [done, shed] = [201, 503].map((status) => answers.filter((it) => it.status === status))
  expect((done?.length ?? 0) + (shed?.length ?? 0)).toBe(2000)
  expect(done?.length).toBeGreaterThanOrEqual(100)
  expect(shed?.length).toBeGreaterThan(500)
  expect(new Set(shed?.map((it) => it.retryAfter))).toEqual(new Set(['1']))
  expect(peakOf(child.pid as number) - before).toBeLessThan(400)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  // Whoever comes when it is over is served at once.
  expect((await place(url, agent)).status).toBe(201)
}, 60_000)
