import * as z from 'zod'
import { optional, valueObject } from 'dure'

/** Where a parcel goes. Five digits are a Korean postal code (우편번호). */
export class Address extends valueObject('Address', {
  zipcode: z.string().regex(/^\d{5}$/, 'expected five digits'),
  addr1: z.string().min(1),
  addr2: optional(z.string()),
}) {}
