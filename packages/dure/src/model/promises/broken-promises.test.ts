import { describe, expect, test } from 'vitest'
import { contract, list, object, oneOf, optional, ref, valueObject, type AnyContract } from 'dure'
import * as z from 'zod'
import { brokenPromises } from './broken-promises.ts'
import { contractShapes, wrongShapes } from './contract-shapes.ts'

class Won extends valueObject('Won', { amount: z.int(), note: optional(z.string()) }) {}

const parts = {
  commands: { list: { name: z.string(), kind: oneOf('food', 'tool'), tags: optional(list(z.string())) } },
  events: {
    Listed: { name: z.string(), price: Won, kind: oneOf('food', 'tool'), note: optional(z.string()) },
    Dropped: {},
  },
  rejections: { NameTaken: { name: z.string() } },
  queries: {
    byId: { in: { id: ref('Product') }, out: { name: z.string(), price: Won } },
    all: { in: {}, out: list(object({ id: ref('Product'), name: z.string() })) },
  },
}
const used = contract('Catalog', parts)

const broken = (kept: AnyContract): readonly string[] => {
  // As they come from a file.
  const [a, b] = [used, kept].map((it) => JSON.parse(JSON.stringify(contractShapes(it))) as never)
  return [...brokenPromises(a as never, b as never)].map(({ what, problem }) => `${what} ${problem}`)
}
const { commands, events, rejections, queries } = parts

describe('a contract', () => {
  test('that is the same keeps what it promised, and one that promises more', () => {
    class More extends valueObject('Won', {
      amount: z.int(),
      note: optional(z.string()),
      paid: z.boolean(),
    }) {}
    expect(wrongShapes(contractShapes(used))).toBeUndefined()
    expect(broken(contract('Catalog', parts))).toEqual([])
    expect(
      broken(
        contract('Catalog', {
          commands: {
            list: { ...commands.list, kind: oneOf('food', 'tool', 'book'), size: optional(z.int()) },
            drop: { id: ref('Product') },
          },
          events: { ...events, Listed: { ...events.Listed, price: More, origin: z.string() }, Counted: {} },
          rejections: { ...rejections, TooMany: {} },
          queries: {
            ...queries,
            byId: { ...queries.byId, out: { ...queries.byId.out, origin: z.string() } },
          },
        }),
      ),
    ).toEqual([])
  })

  test.each<[string, object, readonly string[]]>([
    ['a command that is gone', { commands: {} }, ['command list is gone']],
    ['an event that is gone', { events: { Dropped: {} } }, ['event Listed is gone']],
    ['a rejection that is gone', { rejections: {} }, ['rejection NameTaken is gone']],
    ['a query that is gone', { queries: { all: queries.all } }, ['query byId is gone']],
    [
      'a field that has to be sent, one that is refused, a value that is, and another kind of value',
      { commands: { list: { name: z.int(), kind: oneOf('food'), by: z.string() } } },
      [
        'command list takes another kind of value in name',
        'command list takes "tool" no longer in kind',
        'command list takes no field tags any more',
        'command list requires the field by, which callers do not send',
      ],
    ],
    [
      'fields of an event that are gone or renamed, may be absent, or hold what nobody knows',
      {
        events: {
          Dropped: {},
          Listed: { title: z.string(), price: optional(Won), kind: oneOf('food', 'tool', 'book') },
        },
      },
      [
        'event Listed gives no field name any more',
        'event Listed gives no field note any more',
        'event Listed may give no field price any more',
        'event Listed gives "book" in kind, which readers do not know',
      ],
    ],
    [
      'answers: rows inside of lists, values of classes',
      {
        queries: {
          byId: { in: { id: ref('Product') }, out: { name: z.string(), price: z.int() } },
          all: { in: {}, out: list(object({ id: ref('Product') })) },
        },
      },
      ['query byId gives another kind of value in price', 'query all may give no field answer.name any more'],
    ],
    [
      'questions',
      { queries: { ...queries, all: { in: { by: z.string() }, out: queries.all.out } } },
      ['query all requires the field by, which callers do not send'],
    ],
  ])('breaks by %s', (_, change, expected) => {
    expect(broken(contract('Catalog', { ...parts, ...change }))).toEqual(expected)
  })
})

test.each<[unknown, string]>([
  [null, 'it is no object'],
  [{ commands: {} }, 'events is no object'],
  [{ commands: { a: {} }, events: {}, rejections: {}, queries: {} }, 'commands.a is no shape'],
  [{ commands: {}, events: {}, rejections: {}, queries: { q: { in: {} } } }, 'queries.q is no shape'],
])('%j is not the shapes of a contract', (it, reason) => {
  expect(wrongShapes(it)).toBe(reason)
})
