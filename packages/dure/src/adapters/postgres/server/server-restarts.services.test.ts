import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPostgres, type Instance } from '../../../../../../scripts/services/instances.mjs'
import { running } from '../../../../test/fixtures/running.ts'
import { ordering } from '../../../../test/fixtures/shop.ts'
import { isDureError } from '../../../kernel/error.ts'
import { system } from '../../../model/system.ts'
import { postgresStorage } from '../postgres-storage.ts'

let folder: string
let server: Instance

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dure-restarts-'))
  server = await createPostgres({ major: 15, folder })
  await server.start()
})

afterAll(async () => {
  await server?.remove()
  await rm(folder, { recursive: true, force: true })
})

const orders = system('Orders', { contexts: [ordering] })

const input = {
  customer: 'c1',
  lines: [{ lineId: '1', product: 'p1', quantity: 1, price: { amount: 10, currency: 'KRW' } }],
  shipTo: { zipcode: '04524', addr1: 'Sejong-daero' },
}

it(
  'a host lives through a server that is killed and one that is restarted, and loses nothing',
  { timeout: 60_000 },
  async () => {
    const pool = new pg.Pool({ connectionString: server.url })
    const it = await running(orders, postgresStorage({ pool, ownsPool: true }))
    try {
      const acknowledged = new Set<string>()
      const codes = new Set<string>()
      const work = new AbortController()
      const write = async (writer: number): Promise<void> => {
        for (let n = 0; !work.signal.aborted; n++) {
          const key = `${writer}-${n}`
          // The same key until there is an answer, as a client would.
          for (let id: string | undefined; id === undefined;) {
            try {
              const reply = await it.command('Ordering.placeOrder', input, { key })
              assert.ok(!('rejected' in reply) || reply.rejected === undefined)
              id = (reply as { id: string }).id
              acknowledged.add(id)
            } catch (error) {
              assert.ok(isDureError(error), String(error))
              codes.add(error.code)
              await pause(20)
            }
          }
        }
      }
      const writers = Array.from({ length: 4 }, (_, writer) => write(writer))
      const more = async (): Promise<void> => {
        const before = acknowledged.size
        await expect.poll(() => acknowledged.size, { timeout: 20_000 }).toBeGreaterThan(before + 20)
      }
      await more()
      await server.kill()
      await pause(300)
      await server.start()
      await more()
      await server.restart()
      await more()
      work.abort()
      await Promise.all(writers)
      assert.deepEqual([...codes], ['DURE_STORE_UNAVAILABLE'])
      await it.host.settled()
      const ids = async (query: string): Promise<string[]> =>
        (await pool.query<{ id: string }>(query)).rows.map(({ id }) => id).toSorted()
      const all = [...acknowledged].toSorted()
      assert.deepEqual(await ids(`select id from ordering.events where type = 'OrderPlaced'`), all)
      assert.deepEqual(
        await ids(`select key as id from ordering.view_rows where view like 'OrderList%'`),
        all,
      )
    } finally {
      await it.host.close()
    }
  },
)
