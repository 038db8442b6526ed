import * as z from 'zod'
import { Address } from '@shop/kernel'
import { optional, ref, view } from 'dure'
import { CustomerErased, CustomerMoved, CustomerRegistered } from '../domain/customer.ts'

const Row = { id: ref('Customer'), name: z.string(), address: Address, email: optional(z.string()) }

export const CustomerList = view('CustomerList', 'id', Row)
  .on(
    CustomerRegistered,
    (_, m) => m.id,
    (_, e, m) => ({ id: m.id, ...e }),
  )
  .on(
    CustomerMoved,
    (_, m) => m.id,
    (row, { address }) => row && { ...row, address },
  )
  .on(
    CustomerErased,
    (_, m) => m.id,
    () => null,
  )
