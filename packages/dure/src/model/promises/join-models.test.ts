import { describe, expect, test } from 'vitest'
import { contract, type AnyContract, type System } from 'dure'
import { Catalog, catalogSystem, orderingSystem } from '../../../test/fixtures/two-repositories.ts'
import { describeModel } from '../describe/describe-model.ts'
import { joinModels } from './join-models.ts'

const joined = (...systems: readonly System[]) => {
  const models = systems.map((it, i) => ({ from: `model ${i + 1}`, model: describeModel(it) }))
  return joinModels(models as never)
}
const found = (...systems: readonly System[]) =>
  joined(...systems).findings.map(({ code, where, message }) => [code, where, message])

describe('the models of two repositories', () => {
  test('make one system', () => {
    const { model, findings } = joined(orderingSystem(), catalogSystem())
    expect(findings).toEqual([])
    expect(model).toMatchObject({
      format: 'dure-model/1',
      system: 'Shop',
      contexts: [{ name: 'Ordering' }, { name: 'Catalog' }],
      elsewhere: [],
      relations: [{ upstream: 'Catalog', downstream: 'Ordering', as: 'conformist' }],
    })
  })

  test('agree on the name, on the owner of each context and on the map', () => {
    const [relation] = orderingSystem().map
    const other = {
      ...catalogSystem(),
      elsewhere: [contract('Ordering', {})],
      map: [{ ...relation, as: 'open-host' }],
    }
    expect(found(orderingSystem(), catalogSystem('Market'))).toEqual([
      ['DURE_JOIN_SYSTEM', 'model 2', 'It is of the system Market, and this one is Shop.'],
    ])
    expect(found(orderingSystem(), catalogSystem(), catalogSystem())).toEqual([
      ['DURE_JOIN_OWNER', 'model 3', 'It has the context Catalog, which model 2 has too.'],
    ])
    expect(found(orderingSystem(), other as never)).toEqual([
      [
        'DURE_JOIN_RELATION',
        'model 2, relation Catalog → Ordering',
        'It says open-host, and model 1 says conformist.',
      ],
    ])
  })

  test('name contexts that one of them has', () => {
    const gone = 'No model that was joined has the context Catalog.'
    expect(found(orderingSystem())).toEqual([
      ['DURE_JOIN_NOWHERE', 'model 1, elsewhere Catalog', gone],
      ['DURE_JOIN_NOWHERE', 'model 1, relation Catalog → Ordering', gone],
    ])
    expect(joined(orderingSystem()).model.elsewhere).toMatchObject([{ name: 'Catalog' }])
  })

  test('are held against each other where one uses the contract of the other', () => {
    const changed = { ...Catalog, queries: {}, events: { PriceChanged: Catalog.events.PriceChanged } }
    const [catalog] = catalogSystem().contexts
    const broken = {
      ...catalogSystem(),
      contexts: [{ ...catalog, contract: changed as unknown as AnyContract }],
    }
    expect(found(orderingSystem(), broken as never)).toEqual([
      [
        'DURE_JOIN_CONTRACT',
        'model 1, contract Catalog',
        'The event ProductListed of Catalog is gone: so says model 2.',
      ],
      [
        'DURE_JOIN_CONTRACT',
        'model 1, contract Catalog',
        'The query priceOf of Catalog is gone: so says model 2.',
      ],
    ])
  })
})
