import { fault } from '../../kernel/errors/fault.ts'
import type { Attached } from './attached.ts'

/** What stands behind settings and resources: their values, their clients. */
export type Clients = ReadonlyMap<Attached<unknown>, unknown>

/**
 * What stands behind one of them for a context, or for the program of a system.
 * @throws DURE_RESOURCE_UNATTACHED
 */
export function used(
  where: string,
  parts: readonly Attached<unknown>[],
  clients: Clients | undefined,
  attached: Attached<unknown>,
): unknown {
  if (parts.includes(attached) && clients?.has(attached) === true) return clients.get(attached)
  throw fault('DURE_RESOURCE_UNATTACHED', { where, name: attached.name })
}
