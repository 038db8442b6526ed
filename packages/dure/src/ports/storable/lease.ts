import { fault } from '../../kernel/errors/fault.ts'
import { checkName } from './text.ts'

const LONGEST_MS = 24 * 3600 * 1000

/**
 * Refuses a lease that no store can give.
 * @throws DURE_LEASE_INVALID, DURE_STORE_TEXT_INVALID
 */
export function checkLease(name: string, holder: string, forMs: number): void {
  checkName('name of the lease', name)
  checkName('holder of the lease', holder)
  if (name === '') throw fault('DURE_LEASE_INVALID', { lease: name, reason: 'it has no name' })
  if (holder === '') throw fault('DURE_LEASE_INVALID', { lease: name, reason: 'its holder has no name' })
  if (!(forMs >= 1 && forMs <= LONGEST_MS)) {
    throw fault('DURE_LEASE_INVALID', { lease: name, reason: `it was to last ${forMs} ms` })
  }
}
