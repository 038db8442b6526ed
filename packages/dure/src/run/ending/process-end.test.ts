import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { order } from '../../../test/fixtures/http.ts'

const program = fileURLToPath(new URL('../../../test/fixtures/stopping-process.ts', import.meta.url))
const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env
const inherited = { PATH, NODE_COMPILE_CACHE }
const children = new Set<ChildProcess>()
afterAll(() => {
  for (const it of children) it.kill('SIGKILL')
  children.clear()
})

interface Started {
  readonly child: ChildProcess
  out(): string
  err(): string
  /** Resolves when the output has this; rejects when the process ends without. */
  said(text: string | RegExp): Promise<string>
  readonly ended: Promise<number | NodeJS.Signals | null>
  /** Milliseconds from the signal to the end. */
  took(): number
  stop(signal: NodeJS.Signals): void
}

function start(env: Record<string, string>): Started {
  const child = spawn(process.execPath, ['--conditions=@dure/source', program], {
    env: { ...inherited, NO_COLOR: '1', NODE_ENV: 'test', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.add(child)
  let [out, err] = ['', '']
  let since = performance.now()
  let end = 0
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', () => (end = performance.now()))
    child.once('close', (code, signal) => resolve(code ?? signal))
  })
  return {
    child,
    out: () => out,
    err: () => err,
    async said(text) {
      const has = (): boolean => (typeof text === 'string' ? out.includes(text) : text.test(out))
      let over = false
      void ended.then(() => (over = true))
      while (!has()) {
        if (over) throw new Error(`it ended: ${out}${err}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      return out
    },
    ended,
    took: () => end - since,
    stop(signal) {
      since = performance.now()
      child.kill(signal)
    },
  }
}

async function listening(env: Record<string, string>): Promise<Started & { readonly url: string }> {
  const it = start(env)
  const [, url = ''] = /LISTENING (\S+)/.exec(await it.said(/LISTENING \S+\n/)) ?? []
  return { ...it, url }
}

const line = { lineId: 'l-1', product: 'p-1', quantity: 1, price: { amount: 10, currency: 'KRW' } }

function placeOrder(url: string): Promise<Response> {
  return fetch(`${url}/c/ordering/placeOrder`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...order, lines: [line] }),
  })
}

describe.concurrent('a process that is told to stop', { timeout: 60_000 }, () => {
  it('is not ready first, answers what is in flight, and ends with 0', async () => {
    const it = await listening({ TEST_STORAGE: 'slow', DURE_SHUTDOWN_DELAY_MS: '2000', DURE_SHUTDOWN_M: '1' })
    expect(it.out()).toContain('nothing reads it: did you mean DURE_SHUTDOWN_MS?')
    const placed = placeOrder(it.url)
    placed.catch(() => undefined)
    await it.said('COMMITTING')
    it.stop('SIGTERM')
    await it.said('"message":"stopping"')
    const ready = await fetch(`${it.url}/readyz`)
    expect([ready.status, (await fetch(`${it.url}/healthz`)).status]).toEqual([503, 200])
    // Load balancers may not have seen it yet: what still comes is answered.
    const answers = await Promise.all([placed, placeOrder(it.url)])
    expect(answers.map((answer) => answer.status)).toEqual([201, 201])
    expect(await it.ended).toBe(0)
    expect(it.out()).toContain('"message":"stopped"')
    await expect(fetch(it.url)).rejects.toThrow('fetch failed')
  })

  it('cuts off a request that never ends at its budget, and says so by its exit code', async () => {
    const it = await listening({ TEST_STORAGE: 'stuck', DURE_SHUTDOWN_MS: '600' })
    const placed = placeOrder(it.url).catch(() => 'cut')
    await it.said('COMMITTING')
    it.stop('SIGTERM')
    expect(await it.ended).toBe(1)
    expect(await placed).toBe('cut')
    expect(it.err()).toMatch(
      /^DURE_SHUTDOWN_CUT Not finished within 600 ms, and cut off: 1 request in flight/,
    )
    expect(it.took()).toBeGreaterThan(300)
    expect(it.took()).toBeLessThan(10_000)
  })

  it('leaves a storage that cannot be closed at its budget', async () => {
    const it = await listening({ TEST_STORAGE: 'unclosable', DURE_SHUTDOWN_MS: '300' })
    it.stop('SIGINT')
    expect(await it.ended).toBe(1)
    expect(it.err()).toMatch(/cut off: policies, views and what they store; the storage\./)
    expect(it.took()).toBeLessThan(10_000)
  })

  it('ends at once at a second signal, and says what it did not finish', async () => {
    const it = await listening({ TEST_STORAGE: 'stuck' })
    void placeOrder(it.url).catch(() => undefined)
    await it.said('COMMITTING')
    it.child.kill('SIGTERM')
    await it.said('"message":"stopping"')
    await new Promise((resolve) => setTimeout(resolve, 350))
    it.stop('SIGTERM')
    expect(await it.ended).toBe(143)
    expect(it.took()).toBeLessThan(5000)
    expect(it.err()).toBe(
      'SIGTERM again: ending at once, not finished: requests in flight; policies, views and what they store; the storage; the connections to backing services\n',
    )
  })

  it('ends well while it still starts', async () => {
    const it = start({ TEST_PREPARE: 'stuck' })
    await it.said('PREPARING')
    it.stop('SIGTERM')
    expect(await it.ended).toBe(0)
    expect(it.took()).toBeLessThan(10_000)
    expect([it.err(), it.out().includes('LISTENING')]).toEqual(['', false])
  })
})

describe.concurrent('a process that cannot start', { timeout: 60_000 }, () => {
  it('names every variable that is wrong, prints no secret, and ends with 1', async () => {
    const it = start({
      PORT: 'x',
      DURE_BODY_LIMIT: '1',
      DATABASE_URL: 'http://u:tops3cret@h',
      MAIL_RETRIES: 'often',
      MAIL_TOKEN_FILE: '/nowhere/token',
    })
    expect(await it.ended).toBe(1)
    const [first, ...rest] = it.err().split('\n')
    expect(first).toBe('DURE_CONFIG_INVALID The configuration is not valid:')
    expect(rest.map((line) => line.trim().split(':')[0])).toEqual([
      'PORT',
      'DATABASE_URL',
      'DURE_BODY_LIMIT',
      'MAIL_TOKEN',
      'MAIL_RETRIES',
      'hint Set the variables named above and start again.',
      '',
    ])
    expect(it.err()).not.toContain('tops3cret')
  })

  it('says that the port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as AddressInfo
    const it = start({ PORT: String(port) })
    expect(await it.ended).toBe(1)
    expect(it.err()).toMatch(
      /^DURE_PORT_IN_USE Port \d+ on 127\.0\.0\.1 is in use\.\nhint Stop the other process/,
    )
    taken.close()
  })
})
