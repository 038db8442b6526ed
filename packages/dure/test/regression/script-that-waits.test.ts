import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const script = `
import { createHost } from 'dure/host'
import { memoryStorage } from 'dure/memory'
import { shop } from './shop.ts'

const host = await createHost(shop, { storage: memoryStorage() })
const price = { amount: 1, currency: 'KRW' }
const lines = [{ lineId: '1', product: 'p1', quantity: 1, price }]
const input = { customer: 'c1', lines, shipTo: { zipcode: '04524', addr1: 'Sejong-daero' } }
const envelope = { id: 'c', actor: 'a', tenant: '', correlation: 'c' }
await host.application.command({ context: 'Ordering', command: 'placeOrder', input, envelope })
await host.settled()
await host.application.command({ context: 'Ordering', command: 'placeOrder', input, envelope })
const settled = host.settled()
await host.close()
await settled
console.log('closed')`

it('a script without a server stays for what it waits for, and no longer', { timeout: 30_000 }, async () => {
  const args = ['--conditions=@dure/source', '--input-type=module-typescript', '--eval', script]
  const { stdout } = await run(process.execPath, args, { cwd: `${import.meta.dirname}/../fixtures` })
  expect(stdout).toBe('closed\n')
})
