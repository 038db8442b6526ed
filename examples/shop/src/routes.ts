import { Catalog } from '@shop/catalog/contract'
import { Customers } from '@shop/customers/contract'
import { Inventory } from '@shop/inventory/contract'
import { Ordering } from '@shop/ordering/contract'
import { route } from 'dure'

export const routes = [
  route('POST /customers', Customers.commands.registerCustomer),
  route('GET /customers', Customers.queries.customers),
  route('GET /customers/:id', Customers.queries.customerById),
  route('PUT /customers/:id/address', Customers.commands.moveCustomer),
  route('DELETE /customers/:id', Customers.commands.eraseCustomer),

  route('POST /products', Catalog.commands.listProduct),
  route('GET /products', Catalog.queries.products),
  route('GET /products/:id', Catalog.queries.productById),
  route('PUT /products/:id/price', Catalog.commands.changePrice),
  route('PUT /products/:id/description', Catalog.commands.describeProduct),
  route('POST /products/:id/discontinue', Catalog.commands.discontinueProduct),

  route('POST /orders', Ordering.commands.placeOrder),
  route('GET /orders', Ordering.queries.orders),
  route('GET /orders/:id', Ordering.queries.orderById),
  route('POST /orders/:id/approve', Ordering.commands.approveOrder),
  route('POST /orders/:id/reject', Ordering.commands.rejectOrder),
  route('POST /orders/:id/cancel', Ordering.commands.cancelOrder),

  route('GET /stock', Inventory.queries.stock),
  route('GET /stock/:id', Inventory.queries.stockById),
  route('POST /stock/:id/receive', Inventory.commands.receiveStock),
]
