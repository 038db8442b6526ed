import { catalog } from '@shop/catalog/context'
import { Catalog } from '@shop/catalog/contract'
import { customers } from '@shop/customers/context'
import { Customers } from '@shop/customers/contract'
import { inventory } from '@shop/inventory/context'
import { Inventory } from '@shop/inventory/contract'
import { ordering } from '@shop/ordering/context'
import { Ordering } from '@shop/ordering/contract'
import { system } from 'dure'
import { routes } from './routes.ts'

export const shop = system('Shop', {
  contexts: [customers, catalog, ordering, inventory],
  map: [
    { upstream: Customers, downstream: Ordering, as: 'open-host' },
    { upstream: Catalog, downstream: Ordering, as: 'anti-corruption' },
    { upstream: Catalog, downstream: Inventory, as: 'conformist' },
    { upstream: Ordering, downstream: Inventory, as: 'conformist' },
    // What Ordering expects of Inventory is a test there: contexts/inventory/expectations.
    { upstream: Inventory, downstream: Ordering, as: 'customer-supplier' },
    { sharedKernel: '@shop/kernel', between: [Customers, Catalog, Ordering] },
  ],
  routes,
})
