import { expect, it } from 'vitest'
import { config, domainService, context, contract, event, resource, system, translate } from 'dure'
import * as z from 'zod'
import { Ordering, shop } from '../../../test/fixtures/shop.ts'
import type { Json } from '../../kernel/json.ts'
import { describeModel } from './describe-model.ts'

const described = describeModel(shop)
const [ordering, inventory] = described.contexts

it('survives JSON unchanged, and is the same text each time', () => {
  expect(JSON.parse(JSON.stringify(described)) as Json).toEqual(described)
  expect(JSON.stringify(describeModel(shop))).toBe(JSON.stringify(described))
})

it('names its format, the contexts, the map and the routes', () => {
  expect(described).toMatchObject({
    format: 'dure-model/1',
    system: 'Shop',
    contexts: [{ name: 'Ordering' }, { name: 'Inventory' }],
    relations: [{ upstream: 'Ordering', downstream: 'Inventory', as: 'conformist' }],
    sharedKernels: [],
    routes: [
      { method: 'POST', path: '/orders', context: 'Ordering', command: 'placeOrder' },
      { method: 'GET', path: '/orders/:id', context: 'Ordering', query: 'orderById' },
    ],
  })
})

it('says what a contract promises and what keeps it', () => {
  expect(ordering?.contract.commands.map(({ name, keptBy }) => [name, keptBy])).toEqual([
    ['placeOrder', { aggregate: 'Order', command: 'place', prepared: false }],
    ['approveOrder', { aggregate: 'Order', command: 'approve', prepared: false }],
    ['rejectOrder', { aggregate: 'Order', command: 'reject', prepared: true }],
    ['eraseOrder', { aggregate: 'Order', command: 'erase', prepared: false }],
  ])
  expect(ordering?.contract.events).toMatchObject([
    {
      name: 'OrderPlaced',
      from: 'OrderPlaced',
      fields: {
        lines: { kind: 'list', of: { kind: 'object', fields: { product: { kind: 'ref', to: 'Product' } } } },
        total: { kind: 'schema', vendor: 'zod', jsonSchema: { type: 'integer' } },
      },
    },
  ])
  expect(ordering?.contract.queries).toMatchObject([
    { name: 'orderById', in: { id: { kind: 'ref' } }, out: { fields: { status: { kind: 'oneOf' } } } },
    { name: 'orders', out: { field: { kind: 'list' } } },
  ])
  expect(ordering?.contract.rejections.map((it) => it.name)).toEqual([
    'EmptyOrder',
    'AlreadyDecided',
    'TooExpensive',
  ])
})

it('says what an aggregate is', () => {
  expect(ordering?.aggregates[0]).toMatchObject({
    name: 'Order',
    state: {
      lines: { kind: 'list', of: { kind: 'entity', name: 'OrderLine' } },
      reason: { kind: 'optional' },
    },
    events: [
      { name: 'OrderPlaced', version: 1, does: 'starts', older: [] },
      { name: 'OrderApproved', does: 'changes' },
      { name: 'OrderRejected', does: 'changes' },
      { name: 'OrderErased', does: 'ends' },
    ],
    invariants: ['TooExpensive'],
    commands: [
      { name: 'place', mode: 'creates' },
      { name: 'approve', mode: 'changes' },
      { name: 'reject', mode: 'changes' },
      { name: 'erase', mode: 'changes' },
    ],
  })
})

it('lists classes once, by name, and refs from where they stand', () => {
  expect(ordering?.classes.map(({ kind, name, key }) => [kind, name, key])).toEqual([
    ['value', 'Address', undefined],
    ['value', 'Money', undefined],
    ['entity', 'OrderLine', 'lineId'],
  ])
  expect(ordering?.references).toEqual([
    { from: 'Order', field: 'customer', to: 'Customer' },
    { from: 'OrderLine', field: 'product', to: 'Product' },
  ])
})

it('says what follows what', () => {
  expect(ordering?.views).toMatchObject([
    { name: 'OrderList', key: 'id', on: [{ event: 'OrderPlaced' }, {}, {}, { event: 'OrderErased' }] },
  ])
  expect(inventory?.policies).toEqual([
    {
      name: 'reserve stock when an order is placed',
      on: { event: 'OrderPlaced', context: 'Ordering' },
      issues: [
        { aggregate: 'Stock', command: 'reserve' },
        { aggregate: 'Stock', command: 'refuse' },
      ],
      handlesRejection: true,
    },
  ])
})

it('knows translators, services and shared kernels', () => {
  const A = contract('A', {})
  const Heard = event('Heard', { n: z.int() })
  const heard = translate(Ordering.events.OrderPlaced).into(Heard, (e) => ({ n: e.total }))
  const a = context(A, [heard, domainService('price', () => 1)]).implements({})
  const it = describeModel(
    system('S', { contexts: [a], map: [{ sharedKernel: '@s/kernel', between: [A, Ordering] }] }),
  )
  expect(it.contexts[0]).toMatchObject({
    translators: [{ from: { event: 'OrderPlaced', context: 'Ordering' }, to: { name: 'Heard' } }],
    services: ['price'],
  })
  expect(it.sharedKernels).toEqual([{ package: '@s/kernel', between: ['A', 'Ordering'] }])
})

it('describes settings and resources with their variables, and no value', () => {
  const mail = config({
    SMTP_URL: { about: 'the server of mail', read: config.url('smtp'), secret: true },
    MAIL_FROM: { about: 'who it is from', read: config.text(), default: 'shop' },
  })
  const bank = resource.http('bank', { secret: 'bearer' })
  const paying = context(contract('Paying', {}), [mail, bank]).implements({})
  expect(describeModel(system('Shop', { contexts: [paying] })).contexts[0]?.attached).toEqual([
    {
      kind: 'settings',
      variables: [
        { name: 'SMTP_URL', about: 'the server of mail', required: true, secret: true },
        { name: 'MAIL_FROM', about: 'who it is from', required: false, secret: false },
      ],
    },
    {
      kind: 'http',
      name: 'bank',
      optional: true,
      variables: [
        { name: 'BANK_URL', about: 'the service of bank', required: true, secret: false },
        { name: 'BANK_SECRET', about: 'the secret that bank is asked with', required: true, secret: true },
      ],
    },
  ])
})
