import * as z from 'zod'
import { contract, optional, ref, valueObject } from 'dure'

export class Address extends valueObject('Address', {
  zipcode: z.string().regex(/^\d{5}$/, 'expected five digits'),
  street: z.string().min(1).max(120),
}) {}

const Id = { id: ref('Customer') }
const Email = { email: z.email().max(120) }

export const Customers = contract('Customers', {
  commands: {
    register: { name: z.string().min(1).max(80), ...Email },
    move: { ...Id, address: Address },
    changeEmail: { ...Id, ...Email },
    earn: { ...Id, points: z.int().positive() },
  },
  rejections: { EmailTaken: { email: z.string() } },
  queries: {
    customer: {
      in: Id,
      out: { name: z.string(), email: z.string(), address: optional(Address), points: z.int() },
    },
  },
})
