import type { Instance } from '../../scripts/services/instances.mjs'
import type { SentCommand } from '../load/record.ts'
import { auditCommands, auditLog } from './commands.ts'
import { auditHop } from './hops.ts'
import { readStored, type LoggedEvent, type Stored } from './read-logs.ts'
import { readViews } from './read-views.ts'
import { auditTables, auditViews } from './views.ts'
import type { Violation } from './violation.ts'

export interface Audited {
  readonly violations: readonly Violation[]
  readonly events: number
  readonly parked: number
}

/** Compares what was answered with what was stored, and what was stored with what should have come of it. */
export async function audit(
  sent: readonly SentCommand[],
  at: { readonly orders: Instance; readonly rest: Instance; readonly urlOf: (context: string) => string },
): Promise<Audited> {
  const stored = await readStored(at.orders, at.rest)
  const views = await readViews(at.urlOf)
  const { orders, fulfilment, ledger, parked } = stored
  const doomed = new Set(sent.filter((it) => it.doomed).map((it) => it.mark))
  const sentAt = new Map(sent.map((it) => [it.mark, it.sentAt]))
  const violations = [
    ...auditCommands(sent, orders),
    ...auditLog('Orders', orders),
    ...auditLog('Fulfilment', fulfilment),
    ...auditLog('Ledger', ledger),
    ...auditHop({
      check: 'packing',
      source: 'Orders',
      from: orders,
      to: Map.groupBy(fulfilment, (it) => it.id),
      refused: 'unpackable',
      consumer: 'policy:pack what is ordered',
      parked: parked.fulfilment,
      mayBe: doomed,
      sentAt,
    }),
    ...auditHop({
      check: 'booking',
      source: 'Fulfilment',
      from: fulfilment.filter((it) => it.type === 'LinePacked'),
      to: bookedOf(stored),
      refused: 'unbookable',
      consumer: 'policy:book what is packed',
      parked: [...parked.ledger, ...parked.orders],
      mayBe: new Set(),
      sentAt,
    }),
    ...auditTables(ledger, stored.accounts),
    ...auditViews(stored, views),
  ]
  return {
    violations,
    events: orders.length + fulfilment.length + ledger.length,
    parked: parked.fulfilment.length + parked.ledger.length + parked.orders.length,
  }
}

function bookedOf({ ledger }: Stored): ReadonlyMap<string, readonly LoggedEvent[]> {
  return Map.groupBy(
    ledger.filter((it) => it.type === 'LineBooked'),
    (it) => it.data.order as string,
  )
}
