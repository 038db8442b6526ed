import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seeded } from '../fixtures/faulty-storage.ts'

const program = fileURLToPath(new URL('../fixtures/shop-process.ts', import.meta.url))
const kills = 3
const writers = 4
const opened = 1_000_000

let data: string
beforeEach(async () => void (data = await mkdtemp(join(tmpdir(), 'dure-crash-'))))
afterEach(() => rm(data, { recursive: true, force: true }))

interface Shop {
  readonly process: ChildProcess
  readonly url: string
}

async function start(keptAs: string): Promise<Shop> {
  const child = fork(program, {
    execArgv: ['--conditions=@dure/source'],
    env: {
      ...process.env,
      PORT: '0',
      DURE_DATA: data,
      DURE_LOG: 'warn',
      DATABASE_URL: '',
      TEST_KEPT_AS: keptAs,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [url] = (await once(child, 'message')) as [string]
  return { process: child, url }
}

async function post(url: string, body: unknown, key: string): Promise<{ status: number; id?: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  })
  return { status: response.status, ...((await response.json()) as { id?: string }) }
}

const order = {
  customer: 'c1',
  lines: [{ lineId: '1', product: 'p1', quantity: 3, price: { amount: 10, currency: 'KRW' } }],
  shipTo: { zipcode: '04524', addr1: 'Sejong-daero' },
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return (await response.json()) as T
}

describe('a process killed with SIGKILL under load, on the embedded PostgreSQL', () => {
  it.each([
    ['kept as events', ['events']],
    ['kept another way after each kill', ['events', 'state']],
  ])(
    '%s, keeps every acknowledged order, and reserves stock once for each',
    { timeout: 90_000 },
    async (_, ways) => {
      const random = seeded(7)
      let shop = await start(ways[0] as string)
      await post(`${shop.url}/c/inventory/openStock`, { product: 'p1', quantity: opened }, 'open')

      // Each writer repeats a request with its key until it is answered, as a careful client does.
      const acknowledged = new Map<string, string>()
      const clients = new AbortController()
      const write = async (writer: number): Promise<void> => {
        for (let i = 0; !clients.signal.aborted; i++) {
          const key = `${writer}-${i}`
          for (;;) {
            const reply = await post(`${shop.url}/orders`, order, key).catch(() => undefined)
            if (reply?.status === 201 && reply.id !== undefined) {
              acknowledged.set(key, reply.id)
              break
            }
            await pause(20)
          }
        }
      }
      const all = Array.from({ length: writers }, async (_, writer) => write(writer))
      for (let kill = 0; kill < kills; kill++) {
        await pause(400 + random() * 600)
        const { process: victim } = shop
        victim.kill('SIGKILL')
        await once(victim, 'exit')
        shop = await start(ways[(kill + 1) % ways.length] as string)
      }
      await pause(300)
      clients.abort()
      await Promise.all(all)

      const ids = [...acknowledged.values()]
      expect(ids.length).toBeGreaterThan(kills * 10)
      expect(new Set(ids).size).toBe(ids.length)
      const wanted = opened - 3 * ids.length
      const free = async (): Promise<number> =>
        (await get<{ free: number }>(`${shop.url}/q/inventory/stockOf?product=p1`)).free
      await expect.poll(free, { timeout: 20_000, interval: 100 }).toBe(wanted)
      const rows = await Promise.all(ids.map(async (id) => get(`${shop.url}/orders/${id}`)))
      expect(rows).toEqual(ids.map((id) => ({ id, status: 'pending', total: 30 })))
      shop.process.kill('SIGTERM')
      const [code] = (await once(shop.process, 'exit')) as unknown as [number]
      expect(code).toBe(0)
    },
  )
})
