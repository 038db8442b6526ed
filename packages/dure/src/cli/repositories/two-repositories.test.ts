import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import {
  catalogFiles,
  contractText,
  orderingFiles,
  packedRepositories,
} from '../../../test/fixtures/packed-repositories.ts'
import type { ModelDescription } from '../../model/describe/model-format.ts'

it(
  'holds a contract in a package to shapes and to what it promised, on both sides',
  { timeout: 90_000 },
  async () => {
    const { catalog, ordering, ship } = packedRepositories()
    expect(await catalog.dure(['check', '--record'])).toEqual({
      code: 0,
      err: '',
      out: `Shop: no errors in 1 context, 5 files
Recorded in dure.shapes.json for 3.0.0:
  Catalog Product.Listed v1
  Catalog Product.Changed v1
Recorded in contract/dure.contract.json for 1.0.0: the contract of Catalog
`,
    })
    expect(ship().toSorted()).toEqual(['contract.js', 'dure.contract.json', 'package.json'])

    // The map says anti-corruption: its words stay out of the domain.
    ordering.write('src/domain/planted.ts', `import type { Catalog } from '@shop/catalog-contract'\n`)
    const planted = await ordering.dure(['check'])
    expect(planted.out).toContain('DURE_SOURCE_DOMAIN src/domain/planted.ts:1')
    expect(planted.out).toContain('the relation to Catalog is anti-corruption')
    ordering.write('src/domain/planted.ts', '')
    catalog.write('model.json', (await catalog.dure(['model', '--json'])).out)
    const theirs = join(catalog.folder, 'model.json')
    expect(await ordering.dure(['check', '--with', theirs])).toEqual({
      code: 0,
      err: '',
      out: 'Shop: no errors in 1 context, 7 files\nJoined of 2 models: Ordering, Catalog\n',
    })
    const joined = JSON.parse(
      (await ordering.dure(['model', '--json', '--with', theirs])).out,
    ) as ModelDescription
    expect(joined.contexts.map((it) => it.name)).toEqual(['Ordering', 'Catalog'])
    expect(joined.relations).toEqual([{ upstream: 'Catalog', downstream: 'Ordering', as: 'anti-corruption' }])

    // A later release of the other repository breaks what it promised, and adds what nobody has asked for.
    const broken = contractText
      .replace('PriceChanged: { price', 'PriceChanged: { cost')
      .replace('out: { price: z.int() }', 'out: { price: z.string(), currency: z.string() }')
      .replace('price: z.int() }, changePrice', 'price: z.int(), seller: z.string() }, changePrice')
    const packed = readFileSync(join(catalog.folder, 'contract/dure.contract.json'), 'utf8')
    catalog.write('contract/contract.js', broken)
    const refused = await catalog.dure(['check', '--record', '--json'])
    expect(refused).toMatchObject({ code: 1, err: 'Nothing is recorded while the check fails.\n' })
    const { findings } = JSON.parse(refused.out) as { findings: { code: string; message: string }[] }
    const breaks = [
      'The command listProduct of Catalog requires the field seller, which callers do not send',
      'The event PriceChanged of Catalog gives no field price any more',
      'The query priceOf of Catalog gives another kind of value in price',
    ]
    expect(findings.map((it) => [it.code, it.message])).toEqual(
      breaks.map((it) => ['DURE_CONTRACT_BROKEN', `${it}; it was promised in 1.0.0.`]),
    )
    expect(readFileSync(join(catalog.folder, 'contract/dure.contract.json'), 'utf8')).toBe(packed)
    catalog.write('model.json', (await catalog.dure(['model', '--json'])).out)
    const mine = await ordering.dure(['check', '--with', theirs])
    expect(mine.code).toBe(1)
    for (const it of breaks) expect(mine.out).toContain(`${it}: so says ${theirs}.`)
  },
)

it(
  'refuses a contract package that does something, and one of another system',
  { timeout: 60_000 },
  async () => {
    const { catalog, ordering, ship } = packedRepositories()
    catalog.write(
      'contract/contract.js',
      `${contractText}import { readFileSync } from 'node:fs'\nexport const read = () => readFileSync('x')\n`,
    )
    const own = await catalog.dure(['check'])
    expect(own.code).toBe(1)
    expect(own.out).toContain('DURE_SOURCE_DOMAIN contract/contract.js')
    expect(own.out).toContain('The contract package of Catalog exports read, a function.')
    catalog.write(
      'contract/dure.contract.json',
      '{ "format": "dure-contract/1", "system": "Market", "contexts": {} }',
    )
    ship()
    ordering.write('src/system.ts', orderingFiles['src/system.ts'].replace(/ {2}map: .*\n/, ''))
    const theirs = await ordering.dure(['check'])
    expect(theirs.out).toContain('DURE_SOURCE_EDGE src/app/orders.ts:3')
    expect(theirs.out).not.toContain('src/system.ts:')
    expect(theirs.code).toBe(1)
    expect(theirs.out).toContain('The contract package of Catalog exports read, a function.')
    expect(theirs.out).toContain(
      'The contract package of Catalog imports node:fs: the platform is not part of the domain.',
    )
    expect(theirs.out).toContain('DURE_JOIN_SYSTEM node_modules/@shop/catalog-contract/dure.contract.json')
    expect(await ordering.dure(['check', '--with', 'none.json'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('DURE_JOIN_FILE none.json: there is no such file.') as string,
    })
  },
)

it('knows several contracts in one package, and lets a conformist use the words of one', async () => {
  const { catalog, ordering, ship } = packedRepositories()
  catalog.write(
    'contract/stores.js',
    "import { contract } from 'dure'\nexport const Stores = contract('Stores', { events: { Opened: {} } })\n",
  )
  const manifest = catalogFiles['contract/package.json']
  catalog.write(
    'contract/package.json',
    manifest.replace('"exports":{', '"exports":{"./stores":"./stores.js",'),
  )
  catalog.write(
    'src/stores/stores.context.ts',
    `import { Stores } from '@shop/catalog-contract/stores'
import { aggregate, context, event, publish } from 'dure'
const Opened = event('Opened', {})
const Store = aggregate('Store', { state: {}, events: { Opened } }).starts({ Opened: () => ({}) }).evolves({})
export const stores = context(Stores, [Store]).implements({ events: { Opened: publish(Opened, (e) => e) } })
`,
  )
  catalog.write(
    'system.ts',
    `import { system } from 'dure'
import { catalog } from './src/catalog.context.ts'
import { stores } from './src/stores/stores.context.ts'
export const shop = system('Shop', { contexts: [catalog, stores] })
`,
  )
  const own = await catalog.dure(['check', 'system.ts', '--record'])
  expect(own.out).toContain('dure.contract.json for 1.0.0: the contract of Catalog, Stores')
  expect(own).toMatchObject({ code: 0, err: '' })
  ship()
  ordering.write('src/domain/words.ts', `import type { Catalog } from '@shop/catalog-contract'\n`)
  ordering.write('src/system.ts', orderingFiles['src/system.ts'].replace('anti-corruption', 'conformist'))
  expect(await ordering.dure(['check'])).toMatchObject({ code: 0, err: '' })
}, 60_000)
