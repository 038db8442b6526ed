import { expect, it } from 'vitest'
import * as z from 'zod'
import { aggregate, context, contract, event, oneOf, policy, ref, system, type Id } from 'dure'
import { Customer, customers } from '../fixtures/customers.ts'
import { eachWay } from '../fixtures/each-way.ts'
import { codeOf, keptOpen, running, type Driver } from '../fixtures/running.ts'

const registered = (it: Driver, email: string, key?: string) =>
  it.command('Customers.register', { email, name: 'Kim' }, key === undefined ? {} : { key })
const Accepted = event('Accepted', { email: z.string() })
const Refused = event('Refused', {})
const Invitation = aggregate('Invitation', {
  state: { status: oneOf('accepted', 'refused') },
  events: { Accepted, Refused },
})
  .starts({ Accepted: () => ({ status: 'accepted' }) })
  .evolves({ Refused: () => ({ status: 'refused' }) })
  .factory('accept', { email: z.string() }, (input, { emit }) => emit.Accepted(input))
  .command('refuse', {}, (_, __, { emit }) => emit.Refused({}))
const register = policy('register who accepts')
  .on(Accepted)
  .issues({ register: Customer.commands.register, refuse: Invitation.commands.refuse })
  .do((e, _, { register: tell }) => [tell({ email: e.email, name: 'Invited' })])
  .rejected((_, __, m, { refuse }) => refuse(m.id, {}))
const Club = contract('Club', {
  commands: { accept: { email: z.string() } },
  queries: { invitation: { in: { id: ref('Invitation') }, out: { status: z.string() } } },
})
const club = system('Club', {
  contexts: [
    context(Club, [Customer, Invitation, register]).implements({
      commands: { accept: Invitation.commands.accept },
      queries: {
        invitation: async ({ id }, reading) => (await reading.repository(Invitation).load(id)).state,
      },
    }),
  ],
})

const taken = (email: string) => ({ ok: false, rejected: 'EmailTaken', data: { email } })

eachWay('one customer per e-mail address', ({ open, keeping }) => {
  const start = () => running(customers, open(), keeping(Customer))

  it('a value that another has is a rejection, with its data, and nothing is stored', async () => {
    const it = await start()
    const first = await registered(it, 'a@x.kr')
    expect(first).toMatchObject({ ok: true })
    expect(await registered(it, 'A@X.kr')).toEqual(taken('A@X.kr'))
    const other = await registered(it, 'b@x.kr')
    if (!other.ok) throw new Error('not registered')
    expect(await it.command('Customers.changeEmail', { id: other.id, email: 'a@x.kr' })).toEqual(
      taken('a@x.kr'),
    )
    const found = await it.host.repository(Customer, { actor: 'x' }).load(other.id as Id<'Customer'>)
    expect(found).toMatchObject({ version: 1, state: { email: 'b@x.kr' } })
    await it.host.close()
  })

  it('of thirty at once one wins', async () => {
    const it = await start()
    const replies = await Promise.all(Array.from({ length: 30 }, async () => registered(it, 'a@x.kr')))
    expect(replies.filter((reply) => reply.ok)).toHaveLength(1)
    expect(replies.filter((reply) => !reply.ok && reply.rejected === 'EmailTaken')).toHaveLength(29)
    await it.host.close()
  })

  it('a value given up is free: by a change, and by the end', async () => {
    const it = await start()
    const first = await registered(it, 'a@x.kr')
    if (!first.ok) throw new Error('not registered')
    await it.command('Customers.changeEmail', { id: first.id, email: 'c@x.kr' })
    expect(await registered(it, 'a@x.kr')).toMatchObject({ ok: true })
    expect(await registered(it, 'c@x.kr')).toEqual(taken('c@x.kr'))
    await it.command('Customers.leave', { id: first.id })
    expect(await registered(it, 'c@x.kr')).toMatchObject({ ok: true })
    await it.host.close()
  })

  it('is of one tenant', async () => {
    const it = await start()
    for (const tenant of ['one', 'two']) {
      const it2 = it.host.repository(Customer, { actor: 'x', tenant })
      const made = it2.create.register({ email: 'a@x.kr', name: 'Kim' })
      if (made.ok) await it2.save(made.next)
    }
    expect(await registered(it, 'a@x.kr')).toMatchObject({ ok: true })
    await it.host.close()
  })

  it('the answer stands under the idempotency key, also when the value has become free', async () => {
    const it = await start()
    const first = await registered(it, 'a@x.kr')
    if (!first.ok) throw new Error('not registered')
    expect(await registered(it, 'a@x.kr', 'k')).toEqual(taken('a@x.kr'))
    await it.command('Customers.leave', { id: first.id })
    expect(await registered(it, 'a@x.kr', 'k')).toEqual(taken('a@x.kr'))
    expect(await registered(it, 'a@x.kr', 'k2')).toMatchObject({ ok: true })
    await it.host.close()
  })

  it('a repository throws it', async () => {
    const it = await start()
    await registered(it, 'a@x.kr')
    const repository = it.host.repository(Customer, { actor: 'x' })
    const made = repository.create.register({ email: 'a@x.kr', name: 'Lee' })
    if (!made.ok) throw new Error('rejected')
    expect(await codeOf(repository.save(made.next))).toBe('DURE_UNIQUE_TAKEN')
    expect(await repository.find(made.next.id)).toBeUndefined()
    await it.host.close()
  })

  it('holds over a restart', async () => {
    const storage = keptOpen(open())
    const before = await running(customers, storage, keeping(Customer))
    await registered(before, 'a@x.kr')
    await before.host.close()
    const after = await running(customers, storage, keeping(Customer))
    expect(await registered(after, 'a@x.kr')).toEqual(taken('a@x.kr'))
    await after.host.close()
  })

  it('is a rejection to a policy too, for its rejected handler', async () => {
    const it = await running(club, open(), keeping(Customer, Invitation))
    const accept = async (): Promise<string> => {
      const reply = await it.command('Club.accept', { email: 'a@x.kr' })
      await it.host.settled()
      return reply.ok ? reply.id : ''
    }
    const [first, second] = [await accept(), await accept()]
    expect(await it.query('Club.invitation', { id: first })).toEqual({ status: 'accepted' })
    expect(await it.query('Club.invitation', { id: second })).toEqual({ status: 'refused' })
    expect(it.log).toEqual([])
    await it.host.close()
  })
})
