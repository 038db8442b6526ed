import pg from 'pg'
import { describe, expect, it } from 'vitest'
import type { Id } from 'dure'
import { memoryStorage } from 'dure/memory'
import { Customer, customers } from '../fixtures/customers.ts'
import { eachWay, freshPostgres, freshPool, withPostgres } from '../fixtures/each-way.ts'
import { codeOf, running, type Driver } from '../fixtures/running.ts'

const speaker = { actor: 'a script' }
const context = { name: 'Customers' }

async function two(it: Driver): Promise<[Id<'Customer'>, Id<'Customer'>]> {
  const ids = []
  for (const email of ['a@x.kr', 'b@x.kr']) {
    const reply = await it.command('Customers.register', { email, name: 'Kim' })
    if (reply.ok) ids.push(reply.id)
  }
  return ids as [Id<'Customer'>, Id<'Customer'>]
}

const emails = async (
  it: Driver,
  ids: readonly Id<'Customer'>[],
): Promise<readonly (string | undefined)[]> => {
  const all = it.host.repository(Customer, speaker)
  return Promise.all(ids.map(async (id) => (await all.find(id))?.state.email))
}

eachWay('a unit of work', ({ open, keeping }) => {
  const start = () => running(customers, open(), keeping(Customer))

  it('stores several aggregates together, a swap of unique values too', async () => {
    const it = await start()
    const [a, b] = await two(it)
    const said = await it.host.unitOfWork(context, speaker, async (unit) => {
      const all = unit.repository(Customer)
      const [one, other] = [await all.load(a), await all.load(b)]
      const [toB, toA] = [one.changeEmail({ email: 'b@x.kr' }), other.changeEmail({ email: 'a@x.kr' })]
      if (!toB.ok || !toA.ok) throw new Error('rejected')
      await all.save(toB.next)
      await all.save(toA.next)
      return 'done'
    })
    expect(said).toBe('done')
    expect(await emails(it, [a, b])).toEqual(['b@x.kr', 'a@x.kr'])
    expect(await it.command('Customers.changeEmail', { id: a, email: 'c@x.kr' })).toMatchObject({
      version: 3,
    })
    await it.host.close()
  })

  it('stores nothing where one conflicts, where a value is taken, or where the work throws', async () => {
    const it = await start()
    const [a, b] = await two(it)
    const attempt = (meddle: () => Promise<unknown>, email: string) =>
      it.host.unitOfWork(context, speaker, async (unit) => {
        const all = unit.repository(Customer)
        const [one, other] = [await all.load(a), await all.load(b)]
        const made = all.create.register({ email: 'new@x.kr', name: 'Lee' })
        const changed = other.changeEmail({ email })
        const moved = one.move({ address: { zipcode: '1', city: 'Seoul' } })
        if (!made.ok || !changed.ok || !moved.ok) throw new Error('rejected')
        await all.save(made.next)
        await all.save(moved.next)
        await all.save(changed.next)
        await meddle()
      })
    const taken = attempt(async () => undefined, 'a@x.kr')
    expect(await codeOf(taken)).toBe('DURE_UNIQUE_TAKEN')
    await expect(attempt(async () => Promise.reject(new Error('no')), 'd@x.kr')).rejects.toThrow('no')
    const meddling = () => it.command('Customers.changeEmail', { id: b, email: 'e@x.kr' })
    expect(await codeOf(attempt(meddling, 'd@x.kr'))).toBe('DURE_VERSION_CONFLICT')
    expect(await emails(it, [a, b])).toEqual(['a@x.kr', 'e@x.kr'])
    expect((await it.host.repository(Customer, speaker).load(a)).version).toBe(1)
    expect(await it.command('Customers.register', { email: 'new@x.kr', name: 'x' })).toMatchObject({
      ok: true,
    })
    await it.host.close()
  })

  it('a handle saved again after more was decided takes the place of the first; two that fork do not', async () => {
    const it = await start()
    const [a] = await two(it)
    const unit = (fork: boolean) =>
      it.host.unitOfWork(context, speaker, async ({ repository }) => {
        const all = repository(Customer)
        const first = await all.load(a)
        const one = first.changeEmail({ email: 'm@x.kr' })
        if (!one.ok) throw new Error('rejected')
        await all.save(one.next)
        const two = (fork ? first : one.next).move({ address: { zipcode: '1', city: 'Seoul' } })
        if (two.ok) await all.save(two.next)
      })
    expect(await codeOf(unit(true))).toBe('DURE_UNIT_TWICE')
    await unit(false)
    const after = await it.host.repository(Customer, speaker).load(a)
    expect(after).toMatchObject({ version: 3, state: { email: 'm@x.kr', address: { city: 'Seoul' } } })
    await it.host.close()
  })
})

describe('SQL of one’s own', () => {
  withPostgres()

  it('stands or falls with what is saved', async () => {
    const pool = freshPool()
    await pool.query('create table audit (who text)')
    const it = await running(customers, freshPostgres())
    const [a] = await two(it)
    const unit = (email: string) =>
      it.host.unitOfWork(context, speaker, async ({ repository, sql }) => {
        await sql.query('insert into audit values ($1)', [email])
        const changed = (await repository(Customer).load(a)).changeEmail({ email })
        if (changed.ok) await repository(Customer).save(changed.next)
        return sql.query<{ who: string }>('select who from audit')
      })
    expect(await codeOf(unit('b@x.kr'))).toBe('DURE_UNIQUE_TAKEN')
    expect((await pool.query('select who from audit')).rows).toEqual([])
    expect(await unit('c@x.kr')).toEqual([{ who: 'c@x.kr' }])
    expect((await pool.query('select who from audit')).rows).toEqual([{ who: 'c@x.kr' }])
    expect(await emails(it, [a])).toEqual(['c@x.kr'])
    await it.host.close()
    await pool.end()
  })

  it('is refused by a store without SQL', async () => {
    const it = await running(customers, memoryStorage())
    const unit = it.host.unitOfWork(context, speaker, async ({ sql }) => sql.query('select 1'))
    expect(await codeOf(unit)).toBe('DURE_TRANSACTION_UNSUPPORTED')
    await it.host.close()
  })

  it('a transaction of one’s own takes repositories in', async () => {
    const pool = freshPool()
    const it = await running(customers, freshPostgres())
    const [a] = await two(it)
    for (const end of ['rollback', 'commit'] as const) {
      const client: pg.PoolClient = await pool.connect()
      await client.query('begin')
      const work = it.host.within(context, speaker, client)
      const all = work.repository(Customer)
      const changed = (await all.load(a)).changeEmail({ email: 'w@x.kr' })
      if (changed.ok) await all.save(changed.next)
      expect((await all.load(a)).state.email).toBe('w@x.kr')
      expect(await emails(it, [a])).toEqual(['a@x.kr'])
      await client.query(end)
      client.release()
      work.committed()
      expect(await emails(it, [a])).toEqual([end === 'commit' ? 'w@x.kr' : 'a@x.kr'])
    }
    expect(await it.command('Customers.changeEmail', { id: a, email: 'z@x.kr' })).toMatchObject({
      version: 3,
    })
    await it.host.close()
    await pool.end()
  })
})
