import { afterAll, beforeAll, expect, test } from 'vitest'
import { Customers } from '../contract.ts'
import { Customer } from '../domain/customer.ts'
import { oldDatabase, type OldDatabase } from './old-database.ts'

let old: OldDatabase
beforeAll(async () => {
  old = await oldDatabase()
}, 60_000)
afterAll(async () => old[Symbol.asyncDispose]())

const bora = `select full_name, mail, zip, street, phone, points, created_on::text, dure_version
  from crm.customers where customer_no = '1001'`

test('every customer of the old program has a history from the first start on', async () => {
  const host = await old.start()
  expect(old.migrated).toEqual([
    'begin the history of each Customer that stands in crm.customers without one',
    'fill crm.customers with every Customer',
    'take the unique values of every Customer (EmailTaken)',
  ])
  const all = host.repository(Customer, { actor: 'test' })
  const found = await Promise.all(['1001', '1002', '1003'].map((id) => all.find(id as never)))
  expect(found.map((it) => [it?.version, it?.state])).toMatchObject([
    [1, { name: 'Kim Bora', address: { zipcode: '04524', street: 'Sejong-daero 110' }, points: 30 }],
    [1, { name: 'Lee Junho', email: 'junho@example.kr' }],
    [1, { name: 'Park Minji', phone: '010-0000-0000', points: 120 }],
  ])
  expect(found[2]?.state.address).toBeUndefined()
  expect(
    await old.rows(`select type, data ->> 'name' as name from customers.events order by position`),
  ).toEqual([
    { type: 'CustomerTakenOver', name: 'Kim Bora' },
    { type: 'CustomerTakenOver', name: 'Lee Junho' },
    { type: 'CustomerTakenOver', name: 'Park Minji' },
  ])
  await host.close()
})

test('a command changes the row, and leaves alone what it does not know', async () => {
  const host = await old.start()
  await host.client({ actor: 'test' }).insist(Customers.commands.earn, { id: '1001', points: 12 })
  expect(await old.rows(bora)).toEqual([
    {
      full_name: 'Kim Bora',
      mail: 'bora@example.kr',
      zip: '04524',
      street: 'Sejong-daero 110',
      phone: '02-120',
      points: 42,
      created_on: '2016-03-01',
      dure_version: 2,
    },
  ])
  await host.close()
})

test('a new customer is a row like the others; one whose e-mail is taken is none', async () => {
  const host = await old.start()
  const client = host.client({ actor: 'test' })
  const { id } = await client.insist(Customers.commands.register, {
    name: 'Choi Ara',
    email: 'ara@example.kr',
  })
  const row = await old.rows(`select customer_no, mail, points from crm.customers where mail like 'ara@%'`)
  expect(row).toEqual([{ customer_no: id, mail: 'ara@example.kr', points: 0 }])
  expect(
    await client.tell(Customers.commands.register, { name: 'x', email: 'BORA@example.kr' }),
  ).toMatchObject({
    ok: false,
    rejected: 'EmailTaken',
  })
  expect(await old.rows('select count(*)::int as count from crm.customers')).toEqual([{ count: 4 }])
  await host.close()
})
