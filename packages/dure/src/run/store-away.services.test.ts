import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createPostgres } from '../../../../scripts/services/instances.mjs'

const program = fileURLToPath(new URL('../../test/fixtures/shop-process.ts', import.meta.url))

const order = {
  customer: 'c',
  lines: [{ lineId: '1', product: 'apple', quantity: 1, price: { amount: 100, currency: 'KRW' } }],
  shipTo: { zipcode: '04524', addr1: 'x' },
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => void server.close(resolve))
  return port
}

it('a database that is away at the start, and again later, is waited for: no restart, and nothing is lost', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dure-away-'))
  const server = await createPostgres({ major: 18, folder: join(folder, 'server') })
  await server.start()
  await server.stop()
  const port = await freePort()
  const base = `http://127.0.0.1:${port}`
  const child = fork(program, {
    execArgv: ['--conditions=@dure/source'],
    env: { ...process.env, DATABASE_URL: server.url, PORT: `${port}`, NODE_ENV: 'test' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ready = async (): Promise<unknown> => {
    const answer = await fetch(`${base}/readyz`).catch(() => undefined)
    return answer?.status
  }
  try {
    await expect.poll(ready, { timeout: 10_000 }).toBe(503)
    const told = (await (await fetch(`${base}/readyz`)).json()) as { readonly detail: string }
    expect(told.detail).toContain('DURE_STORE_UNAVAILABLE')
    await server.start()
    await expect.poll(ready, { timeout: 15_000 }).toBe(200)
    const place = async (key: string): Promise<Response> =>
      fetch(`${base}/c/ordering/placeOrder`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(order),
      })
    const first = await place('first')
    expect(first.status).toBeLessThan(300)
    await server.stop()
    await expect.poll(ready, { timeout: 15_000 }).toBe(503)
    expect((await place('second')).status).toBe(503)
    await server.start()
    await expect.poll(ready, { timeout: 15_000 }).toBe(200)
    expect((await place('second')).status).toBeLessThan(300)
    expect(await (await place('first')).json()).toEqual(await first.json())
    expect(child.exitCode).toBe(null)
  } finally {
    child.kill('SIGTERM')
    if (child.exitCode === null) await once(child, 'exit')
    await server.remove()
    rmSync(folder, { recursive: true, force: true })
  }
})
