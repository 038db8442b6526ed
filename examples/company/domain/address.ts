import * as z from 'zod'
import { optional, valueObject } from 'dure'

/** A value: it has no identity, and two that say the same are the same. */
export class Address extends valueObject('Address', {
  zipcode: z.string().regex(/^\d{5}$/, 'expected five digits'),
  addr1: z.string().min(1),
  addr2: optional(z.string()),
}) {
  override toString(): string {
    return [this.zipcode, this.addr1, this.addr2].filter((it) => it !== undefined).join(' ')
  }
}
