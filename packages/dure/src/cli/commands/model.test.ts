import { expect, it } from 'vitest'
import { cliProject, twoContexts } from '../../../test/fixtures/cli-project.ts'
import type { ModelDescription } from '../../model/describe/model-format.ts'

it('prints the model, for people and for programs', async () => {
  const project = cliProject(twoContexts)
  const { code, out, err } = await project.dure(['model'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatchInlineSnapshot(`
    "Tiny
    ├─ context Ordering
    │  ├─ commands
    │  │  └─ placeOrder { total: integer } → Order.place
    │  ├─ publishes
    │  │  └─ OrderPlaced from OrderPlaced
    │  └─ aggregate Order
    │     ├─ state { total: integer }
    │     ├─ commands place (creates)
    │     └─ events OrderPlaced (starts)
    ├─ context Billing
    │  ├─ aggregate Bill
    │  │  ├─ state { total: integer }
    │  │  ├─ commands send (creates)
    │  │  └─ events BillSent (starts)
    │  ├─ translators
    │  │  └─ Ordering.OrderPlaced → Owed
    │  └─ policies
    │     └─ send a bill when something is owed Owed → Bill.send
    └─ context map
       └─ Ordering → Billing (anti-corruption)
    "
  `)
  const json = await project.dure(['model', 'src/system.ts', '--json'])
  expect(JSON.parse(json.out) as ModelDescription).toMatchObject({ format: 'dure-model/1', system: 'Tiny' })
})

it('finds the system by the configuration', async () => {
  const { 'src/system.ts': text = '', ...rest } = twoContexts
  const project = cliProject({
    ...rest,
    'package.json': '{ "type": "module", "dure": { "system": "src/whole.ts" } }',
    'src/whole.ts': text,
  })
  expect((await project.dure(['model'])).out).toMatch(/^Tiny\n/)
})
