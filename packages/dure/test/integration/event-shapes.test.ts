import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { aggregate, context, contract, event, oneOf, optional, system, valueObject, type Fields } from 'dure'
import { memoryStorage } from 'dure/memory'
import { keptOpen, running } from '../fixtures/running.ts'

const Desk = contract('Desk', { commands: { lend: {} } })

/** The same system with the event as it is in one release or another. */
function lending(fields: Fields, versioned = false, former?: string) {
  const named = event('ItemLent', fields)
  const plain = former === undefined ? named : named.formerly(former)
  const ItemLent = versioned
    ? plain.from(1, { item: z.string() }, (old) => ({ ...old, desk: 'unknown' }))
    : plain
  const Item = aggregate('Item', { state: {}, events: { ItemLent } })
    .starts({ ItemLent: () => ({}) })
    .factory('lend', {}, (_, { emit }) => emit.ItemLent({ item: 'c1', desk: 'north', at: { room: '1' } }))
  const only = context(Desk, [Item]).implements({ commands: { lend: Item.commands.lend } })
  return system('Library', { contexts: [only] })
}

async function problemsOf(...releases: readonly ReturnType<typeof lending>[]): Promise<readonly unknown[]> {
  const storage = keptOpen(memoryStorage())
  let last: readonly unknown[] = []
  for (const release of releases) {
    const { host, log } = await running(release, storage)
    await host.close()
    last = log.map(([level, , { error }]) => [level, (error as Error).message])
  }
  return last
}

const item = z.string()

describe('an event whose shape changes under one version', () => {
  it('is told at every start where stored events may not be what the type says', async () => {
    const [before, after] = [lending({ item }), lending({ item, desk: z.string() })]
    const problem = 'it now takes desk for granted, which stored events may lack'
    const told = [['warn', `The event Item.ItemLent changed its shape: ${problem}.`]]
    expect(await problemsOf(before, after)).toEqual(told)
    expect(await problemsOf(before, after, after)).toEqual(told)
  })

  it('is told where a field or a value object in it became another', async () => {
    class Old extends valueObject('Place', { room: z.string() }) {}
    class New extends valueObject('Place', { room: z.string(), floor: z.int() }) {}
    expect(await problemsOf(lending({ item }), lending({ item: z.int() }))).toMatchObject([
      ['warn', expect.stringContaining('item is of another kind now')],
    ])
    expect(await problemsOf(lending({ at: Old }), lending({ at: New }))).toMatchObject([
      ['warn', expect.stringContaining('takes Place.floor for granted')],
    ])
  })

  it('is told where the event was renamed as well', async () => {
    const Handed = event('ItemHanded', { item })
    const Item = aggregate('Item', { state: {}, events: { ItemHanded: Handed } }).starts({
      ItemHanded: () => ({}),
    })
    const before = system('Library', { contexts: [context(contract('Desk', {}), [Item]).implements({})] })
    const told = await problemsOf(before, lending({ item: z.int() }, false, 'ItemHanded'))
    expect(told).toMatchObject([['warn', expect.stringContaining('item is of another kind now')]])
    expect(await problemsOf(before, lending({ item }, false, 'ItemHanded'))).toEqual([])
  })

  it('is told where a .from says of an older version what was not stored under it', async () => {
    const told = await problemsOf(lending({ item: z.int() }), lending({ item, desk: item }, true))
    expect(told).toEqual([
      ['warn', 'The event Item.ItemLent changed its shape: item is of another kind now.'],
    ])
  })

  it('is no matter where every stored event still is what the type says, or a version is added', async () => {
    expect(await problemsOf(lending({ item }), lending({ item }))).toEqual([])
    expect(await problemsOf(lending({ item }), lending({ item, desk: optional(z.string()) }))).toEqual([])
    expect(await problemsOf(lending({ item, desk: z.string() }), lending({ item }))).toEqual([])
    expect(await problemsOf(lending({ item }), lending({ item, desk: z.string() }, true))).toEqual([])
    const [few, more] = [oneOf('loan', 'gift'), oneOf('loan', 'gift', 'sale')]
    expect(await problemsOf(lending({ as: few }), lending({ as: more }))).toEqual([])
    expect(await problemsOf(lending({ as: more }), lending({ as: few }))).toHaveLength(1)
  })
})
