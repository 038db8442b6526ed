import { expect, it } from 'vitest'
import { createHost } from 'dure/host'
import { asState, type Persistence } from 'dure/persistence'
import { Customer, customers } from '../../fixtures/customers.ts'
import { freshPool, freshPostgres, withPostgres } from '../../fixtures/each-way.ts'
import { codeOf } from '../../fixtures/running.ts'

withPostgres()

const speaker = { actor: 'x' }
const context = { name: 'Customers' }

const start = async (persistence: readonly Persistence[] = []) =>
  createHost(customers, { storage: freshPostgres(), persistence })

async function register(host: Awaited<ReturnType<typeof start>>, email: string): Promise<never> {
  const all = host.repository(Customer, speaker)
  const made = all.create.register({ email, name: 'Kim' })
  if (!made.ok) throw new Error('rejected')
  await all.save(made.next)
  return made.next.id as never
}

for (const [kept, persistence] of [
  ['events', []],
  ['state', [asState(Customer)]],
] as const) {
  it(`kept as ${kept}: a refused save whose error was caught is not committed with the rest`, async () => {
    const host = await start(persistence)
    await register(host, 'a@x.kr')
    const b = await register(host, 'b@x.kr')
    const pool = freshPool()
    await pool.query('create table if not exists notes (text text)')
    await pool.query('truncate notes')
    const client = await pool.connect()
    await client.query('begin')
    const all = host.within(context, speaker, client).repository(Customer)
    await client.query(`insert into notes values ('mine')`)
    const changed = (await all.load(b)).changeEmail({ email: 'a@x.kr' })
    if (!changed.ok) throw new Error('rejected')
    expect(await codeOf(all.save(changed.next))).toBe('DURE_UNIQUE_TAKEN')
    await client.query('commit')
    client.release()
    expect(await host.repository(Customer, speaker).load(b)).toMatchObject({
      version: 1,
      state: { email: 'b@x.kr' },
    })
    await pool.end()
    await host.close()
  })
}

it('a unit whose SQL has ended the transaction is refused, and nothing is saved', async () => {
  const host = await start()
  const a = await register(host, 'a@x.kr')
  const unit = (sqlText: string, saves: boolean) =>
    host.unitOfWork(context, speaker, async (it) => {
      const { sql } = it
      const all = it.repository(Customer)
      const changed = (await all.load(a)).changeEmail({ email: `new@x.kr` })
      if (saves && changed.ok) await all.save(changed.next)
      await sql.query(sqlText)
    })
  for (const text of ['commit', 'rollback']) {
    for (const saves of [true, false]) {
      expect(await codeOf(unit(text, saves))).toBe('DURE_TRANSACTION_CLIENT_INVALID')
    }
  }
  expect((await host.repository(Customer, speaker).load(a)).version).toBe(1)
  await host.close()
})
