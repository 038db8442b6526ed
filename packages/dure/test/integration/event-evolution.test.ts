import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import {
  aggregate,
  context,
  contract,
  event,
  list,
  object,
  optional,
  policy,
  publish,
  system,
  translate,
  view,
  type Id,
} from 'dure'
import { memoryStorage } from 'dure/memory'
import type { Storage } from 'dure/ports'
import { codeOf, keptOpen, running } from '../fixtures/running.ts'

const Change = { name: optional(z.string()), email: optional(z.string()) }
const Tags = { tags: z.array(z.string()) }

/** The first release: a name is a title, and one event says all that changed. */
function before() {
  const CustomerCreated = event('CustomerCreated', { title: z.string() })
  const CustomerChanged = event('CustomerChanged', Change)
  const CustomerTagged = event('CustomerTagged', Tags)
  const CustomerTouched = event('CustomerTouched', {})
  const Customer = aggregate('Customer', {
    state: {},
    events: { CustomerCreated, CustomerChanged, CustomerTagged, CustomerTouched },
  })
    .starts({ CustomerCreated: () => ({}) })
    .evolves({ CustomerChanged: (s) => s, CustomerTagged: (s) => s, CustomerTouched: (s) => s })
    .factory('sign', { title: z.string() }, (input, { emit }) => emit.CustomerCreated(input))
    .command('change', Change, (_, input, { emit }) => emit.CustomerChanged(input))
    .command('tag', Tags, (_, input, { emit }) => emit.CustomerTagged(input))
    .command('touch', {}, (_, __, { emit }) => emit.CustomerTouched({}))
  const { sign, change, tag, touch } = Customer.commands
  const id = { id: z.string() }
  const Crm = contract('Crm', {
    commands: {
      sign: { title: z.string() },
      change: { ...id, ...Change },
      tag: { ...id, ...Tags },
      touch: id,
    },
  })
  const crm = context(Crm, [Customer]).implements({ commands: { sign, change, tag, touch } })
  return system('Shop', { contexts: [crm] })
}

const CustomerRegistered = event('CustomerRegistered', { name: z.string() })
  .formerly('CustomerCreated')
  .from(1, { title: z.string() }, ({ title }) => ({ name: title }))
const CustomerRenamed = event('CustomerRenamed', { name: z.string() })
const EmailChanged = event('EmailChanged', { email: z.string() })
const TagAdded = event('TagAdded', { tag: z.string() })
const CustomerChanged = event('CustomerChanged', Change).becomes(
  [CustomerRenamed, EmailChanged],
  ({ name, email }, emit) => [
    ...(name === undefined ? [] : [emit.CustomerRenamed({ name })]),
    ...(email === undefined ? [] : [emit.EmailChanged({ email })]),
  ],
)
const CustomerTagged = event('CustomerTagged', Tags).becomes([TagAdded], ({ tags }, emit) =>
  tags.map((tag) => emit.TagAdded({ tag })),
)
const CustomerTouched = event('CustomerTouched', {}).becomes([], () => [])

const Customer = aggregate('Customer', {
  state: { name: z.string(), email: optional(z.string()), tags: z.array(z.string()) },
  events: { CustomerRegistered, CustomerRenamed, EmailChanged, TagAdded },
  retired: [CustomerChanged, CustomerTagged, CustomerTouched],
})
  .starts({ CustomerRegistered: ({ name }) => ({ name, tags: [] }) })
  .evolves({
    CustomerRenamed: (s, { name }) => ({ ...s, name }),
    EmailChanged: (s, { email }) => ({ ...s, email }),
    TagAdded: (s, { tag }) => ({ ...s, tags: [...s.tags, tag] }),
  })
  .command('rename', { name: z.string() }, (_, input, { emit }) => emit.CustomerRenamed(input))

const LabelMade = event('LabelMade', { tag: z.string(), of: z.string() })
const Label = aggregate('Label', { state: LabelMade.fields, events: { LabelMade } })
  .starts({ LabelMade: (e) => e })
  .factory('make', LabelMade.fields, (input, { emit }) => emit.LabelMade(input))

const Address = { id: z.string(), address: z.string() }

/** The second release. `refused` is a tag that the policy cannot bear. */
function after(refused?: string) {
  const Row = { id: z.string(), name: z.string(), told: z.array(z.string()) }
  // Subscribed in another order than the parts stand in.
  const Customers = view('Customers', 'id', Row)
    .on(
      EmailChanged,
      (_, m) => m.id,
      (row, { email }, m) => row && { ...row, told: [...row.told, `${m.version} ${email}`] },
    )
    .on(
      CustomerRenamed,
      (_, m) => m.id,
      (row, { name }, m) => row && { ...row, name, told: [...row.told, `${m.version} ${name}`] },
    )
    .on(
      CustomerRegistered,
      (_, m) => m.id,
      (_, { name }, m) => ({ id: m.id, name, told: [`${m.version} ${name}`] }),
    )
  const Labels = view('Labels', 'id', { id: z.string(), tag: z.string() }).on(
    LabelMade,
    (_, m) => m.id,
    (_, { tag }, m) => ({ id: m.id, tag }),
  )
  const label = policy('make a label of every tag')
    .on(TagAdded)
    .issues({ make: Label.commands.make })
    .do(({ tag }, m, { make }) => {
      if (tag === refused) throw new TypeError('no such label')
      return make({ tag, of: m.id })
    })
  const Crm = contract('Crm', {
    commands: { rename: { id: z.string(), name: z.string() } },
    events: { Reachable: { email: z.string() } },
    queries: {
      customers: { in: {}, out: list(object(Row)) },
      labels: { in: {}, out: list(object({ id: z.string(), tag: z.string() })) },
    },
  })
  const Mail = contract('Mail', { queries: { addresses: { in: {}, out: list(object(Address)) } } })
  const AddressKnown = event('AddressKnown', { address: z.string() })
  const Addresses = view('Addresses', 'id', Address).on(
    AddressKnown,
    (_, m) => m.id,
    (_, e, m) => ({ id: m.id, ...e }),
  )
  const toAddress = translate(Crm.events.Reachable).into(AddressKnown, ({ email }) => ({ address: email }))
  return system('Shop', {
    contexts: [
      context(Crm, [Customer, Label, Customers, Labels, label]).implements({
        commands: { rename: Customer.commands.rename },
        events: { Reachable: publish(EmailChanged, (e) => e) },
        queries: {
          customers: (_, reading) => reading.view(Customers).list(),
          labels: (_, reading) => reading.view(Labels).list({ orderBy: 'tag' }),
        },
      }),
      context(Mail, [Addresses, toAddress]).implements({
        queries: { addresses: (_, reading) => reading.view(Addresses).list() },
      }),
    ],
    map: [{ upstream: Crm, downstream: Mail, as: 'anti-corruption' }],
  })
}

async function written(): Promise<{ storage: Storage; id: string }> {
  const storage = keptOpen(memoryStorage())
  const it = await running(before(), storage)
  const signed = await it.command('Crm.sign', { title: 'Ada' })
  if (!signed.ok) throw new Error(signed.rejected)
  const { id } = signed
  await it.command('Crm.change', { id, name: 'Ada Lovelace', email: 'ada@x' })
  await it.command('Crm.touch', { id })
  await it.command('Crm.tag', { id, tags: ['a', 'b', 'c'] })
  await it.command('Crm.change', { id })
  await it.host.close()
  return { storage, id }
}

describe('a log of an older model, read by a newer one', () => {
  it('leads to the same aggregate, through all that has become of its events', async () => {
    const { storage, id } = await written()
    const it = await running(after(), storage)
    const customers = it.host.repository(Customer, { actor: 'test' })
    const read = await customers.load(id as Id<'Customer'>)
    expect(read).toMatchObject({
      version: 5,
      state: { name: 'Ada Lovelace', email: 'ada@x', tags: ['a', 'b', 'c'] },
    })
    expect(await it.command('Crm.rename', { id, name: 'Countess' })).toMatchObject({ ok: true, version: 6 })
    expect((await customers.load(id as Id<'Customer'>)).state).toMatchObject({ name: 'Countess' })
    await it.host.close()
  })

  it('tells views, policies and other contexts each part once, in order', async () => {
    const { storage, id } = await written()
    for (const _ of ['a first start', 'a restart']) {
      const it = await running(after(), storage)
      await it.host.settled()
      expect(await it.query('Crm.customers', {})).toEqual([
        { id, name: 'Ada Lovelace', told: ['1 Ada', '2 Ada Lovelace', '2 ada@x'] },
      ])
      const labels = (await it.query('Crm.labels', {})) as { id: string; tag: string }[]
      expect(labels.map((its) => its.tag)).toEqual(['a', 'b', 'c'])
      expect(new Set(labels.map((its) => its.id)).size).toBe(3)
      expect(await it.query('Mail.addresses', {})).toEqual([{ id, address: 'ada@x' }])
      expect(it.log.filter(([level]) => level !== 'info')).toEqual([])
      await it.host.close()
    }
  })

  it('parks a stored event as a whole where one part fails, and handles it as a whole later', async () => {
    const { storage } = await written()
    const failing = await running(after('b'), storage)
    await failing.host.settled()
    expect(await failing.query('Crm.labels', {})).toEqual([])
    const consumer = 'policy:make a label of every tag'
    const parked = await (await storage.openContext('Crm')).readParked({ consumer })
    expect(parked).toMatchObject([{ position: 4, code: 'DURE_PARKED_FAILED' }])
    await failing.host.close()

    const mended = await running(after(), storage)
    await mended.host.settled()
    const labels = (await mended.query('Crm.labels', {})) as { tag: string }[]
    expect(labels.map((its) => its.tag)).toEqual(['a', 'b', 'c'])
    expect(await (await storage.openContext('Crm')).readParked()).toEqual([])
    await mended.host.close()
  })
})

describe('an event that the newer model has forgotten', () => {
  it('keeps its aggregate from being loaded, with its name, and harms no other', async () => {
    const { storage, id } = await written()
    const Forgetful = aggregate('Customer', {
      state: { name: z.string() },
      events: { CustomerRegistered },
    })
      .starts({ CustomerRegistered: (e) => e })
      .factory('sign', { name: z.string() }, (input, { emit }) => emit.CustomerRegistered(input))
    const crm = context(contract('Crm', {}), [Forgetful]).implements({})
    const { host } = await running(system('Shop', { contexts: [crm] }), storage)
    const customers = host.repository(Forgetful, { actor: 'test' })
    expect(await codeOf(customers.load(id as Id<'Customer'>))).toBe('DURE_EVENT_UNKNOWN')
    const signed = customers.create.sign({ name: 'Bob' })
    if (!signed.ok) throw new Error('not signed')
    await customers.save(signed.next)
    expect((await customers.load(signed.next.id)).state).toEqual({ name: 'Bob' })
    await host.close()
  })
})
