import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Id } from 'dure'
import type { Host } from 'dure/host'
import { Customers } from '../contract.ts'
import { Customer } from '../domain/customer.ts'
import { oldDatabase, type OldDatabase } from './old-database.ts'

const id = '1001' as Id<'Customer'>
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

const load = async () => host.repository(Customer, { actor: 'test' }).load(id)
const earn = async () => host.client({ actor: 'test' }).insist(Customers.commands.earn, { id, points: 1 })
const meddle = (set: string) => old.rows(`update crm.customers set ${set} where customer_no = '1001'`)

test('a row whose version was raised is refused to loads and commands, and nothing is stored', async () => {
  await meddle('dure_version = dure_version + 1')
  await expect(load()).rejects.toMatchObject({
    code: 'DURE_STATE_CHANGED',
    details: { expected: 1, found: 2 },
  })
  await expect(earn()).rejects.toMatchObject({ code: 'DURE_STATE_CHANGED' })
  expect(await old.rows(`select count(*)::int as events from customers.events`)).toEqual([{ events: 3 }])
  await meddle('dure_version = dure_version - 1')
})

test('a value that no field takes is refused', async () => {
  await meddle('zip = null')
  await expect(load()).rejects.toMatchObject({ code: 'DURE_STATE_UNREADABLE' })
  await meddle(`zip = '04524'`)
})

test('a value that was changed without the version is taken for the state: nobody can tell', async () => {
  await meddle('points = 7')
  expect((await load()).state.points).toBe(7)
  await meddle('points = 30')
})

test('a row that was deleted is folded from the events, and written again by the next change', async () => {
  await old.rows(`delete from crm.customers where customer_no = '1001'`)
  expect((await load()).state).toMatchObject({ name: 'Kim Bora', points: 30 })
  await earn()
  const rows = await old.rows(`select points, dure_version from crm.customers where customer_no = '1001'`)
  expect(rows).toEqual([{ points: 31, dure_version: 2 }])
})

test('what the table refuses is refused, and no event of it stored', async () => {
  await old.rows('alter table crm.customers add check (points < 100) not valid')
  const earned = host.client({ actor: 'test' }).tell(Customers.commands.earn, { id, points: 99 })
  await expect(earned).rejects.toMatchObject({ code: 'DURE_STATE_UNSTORABLE' })
  expect((await load()).version).toBe(2)
})

test('a row that the old program adds later is found by the next migration, and is an aggregate then', async () => {
  const find = async (no: string) => host.repository(Customer, { actor: 'test' }).find(no as Id<'Customer'>)
  await old.rows(
    `insert into crm.customers (customer_no, full_name, mail) values ('1004', 'Late', 'l@example.kr')`,
  )
  await host.close()
  host = await old.start('refuse')
  expect(await find('1004')).toBeUndefined()
  await host.close()
  host = await old.start('apply')
  expect(await find('1004')).toMatchObject({ version: 1, state: { name: 'Late' } })
  expect(old.migrated.slice(3)).toEqual([
    'begin the history of each Customer that stands in crm.customers without one',
  ])

  const client = host.client({ actor: 'test' })
  await client.insist(Customers.commands.earn, { id: '1004', points: 5 })
  const rows = await old.rows(`select points, dure_version from crm.customers where customer_no = '1004'`)
  expect(rows).toEqual([{ points: 5, dure_version: 2 }])
  expect(await client.tell(Customers.commands.register, { name: 'x', email: 'L@example.kr' })).toMatchObject({
    ok: false,
    rejected: 'EmailTaken',
  })
})
