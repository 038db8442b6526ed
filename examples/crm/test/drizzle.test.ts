import { drizzle } from 'drizzle-orm/node-postgres'
import { pgSchema, integer, varchar } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Host } from 'dure/host'
import { Customers } from '../contract.ts'
import { Customer } from '../domain/customer.ts'
import { oldDatabase, type OldDatabase } from './old-database.ts'

const letters = pgSchema('crm').table('letters', {
  letterNo: integer('letter_no').generatedAlwaysAsIdentity(),
  customerNo: varchar('customer_no', { length: 36 }).notNull(),
  subject: varchar({ length: 200 }).notNull(),
})

let old: OldDatabase
let host: Host
beforeAll(async () => {
  old = await oldDatabase()
  host = await old.start()
}, 60_000)
afterAll(async () => {
  await host.close()
  await old[Symbol.asyncDispose]()
})

/** A letter goes out, and the customer earns points for it: both or neither. */
async function thank(id: string, subject: string): Promise<void> {
  const client = await old.pool.connect()
  try {
    const db = drizzle(client)
    const work = host.within(Customers, { actor: 'letters' }, client)
    await db.transaction(async (tx) => {
      await tx.insert(letters).values({ customerNo: id, subject })
      const customers = work.repository(Customer)
      const decided = (await customers.load(id as never)).earn({ points: 10 })
      if (decided.ok) await customers.save(decided.next)
      if (subject === '') throw new Error('a letter without a subject')
    })
    work.committed()
  } finally {
    client.release()
  }
}

const stored = async () => [
  await old.rows(`select points, dure_version from crm.customers where customer_no = '1001'`),
  await old.rows('select customer_no, subject from crm.letters order by letter_no'),
]

test('what Drizzle writes and what Dure saves are committed together', async () => {
  await thank('1001', 'Thank you')
  expect(await stored()).toEqual([
    [{ points: 40, dure_version: 2 }],
    [{ customer_no: '1001', subject: 'Thank you' }],
  ])
})

test('and rolled back together', async () => {
  const before = await stored()
  await expect(thank('1001', '')).rejects.toThrow('without a subject')
  expect(await stored()).toEqual(before)
})
