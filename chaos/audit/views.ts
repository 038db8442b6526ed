import { isDeepStrictEqual } from 'node:util'
import { trailed } from '../model/trail.ts'
import type { AccountRow, LoggedEvent, Stored } from './read-logs.ts'
import type { Views } from './read-views.ts'
import type { Violation } from './violation.ts'

/** What the rows of every view must be by the logs as they are now. */
export function auditViews({ orders, fulfilment, ledger }: Stored, views: Views): readonly Violation[] {
  const placed = orders.filter((it) => it.type === 'OrderPlaced')
  const names = new Map(placed.map((it) => [it.id, (it.data as unknown as { name: string }).name]))
  const orderRows = new Map(Array.from(summed(orders), ([id, row]) => [id, { ...row, name: names.get(id) }]))
  const journeys = journeysOf(
    orders.filter((it) => it.type === 'LineAdded'),
    fulfilment.filter((it) => it.type === 'LinePacked'),
    ledger.filter((it) => it.type === 'LineBooked'),
  )
  return [
    ...compare('OrderList', orderRows, views.orders),
    ...compare('ShipmentList', summed(fulfilment), views.shipments),
    ...compare('Journeys', journeys, views.journeys),
  ]
}

interface Summed {
  readonly id: string
  readonly lines: number
  readonly total: number
  readonly trail: number
}

function summed(log: readonly LoggedEvent[]): ReadonlyMap<string, Summed> {
  const rows = new Map<string, Summed>()
  for (const { id, data, version } of log) {
    const { lines, total, trail } = rows.get(id) ?? { lines: -1, total: 0, trail: 0 }
    const amount = version === 1 ? 0 : (data.amount ?? 0)
    rows.set(id, { id, lines: lines + 1, total: total + amount, trail: trailed(trail, data.mark) })
  }
  return rows
}

/** The tables of the aggregate that is kept as state show what its events make. */
export function auditTables(
  ledger: readonly LoggedEvent[],
  accounts: readonly AccountRow[],
): readonly Violation[] {
  const wanted = new Map<string, AccountRow>()
  for (const { id, version, type, data } of ledger) {
    const { bookings, balance } = wanted.get(id) ?? { bookings: 0, balance: 0 }
    const booked = type === 'LineBooked' ? 1 : 0
    wanted.set(id, {
      id,
      bookings: bookings + booked,
      balance: balance + (data.amount ?? 0) * booked,
      version,
    })
  }
  const rows = new Map(accounts.map((it) => [it.id, it]))
  return compare('table account', wanted, rows).map((it) => ({ ...it, check: 'tables' }))
}

function journeysOf(
  added: readonly LoggedEvent[],
  packed: readonly LoggedEvent[],
  booked: readonly LoggedEvent[],
): ReadonlyMap<string, object> {
  const rows = new Map<string, Record<string, number | string>>()
  const follow = (log: readonly LoggedEvent[], name: string): void => {
    for (const { id: stream, data } of log) {
      const id = data.order ?? stream
      const row = rows.get(id) ?? {
        id,
        added: 0,
        addedTrail: 0,
        packed: 0,
        packedTrail: 0,
        booked: 0,
        bookedTrail: 0,
      }
      const trail = trailed(Number(row[`${name}Trail`]), data.mark)
      rows.set(id, { ...row, [name]: Number(row[name]) + 1, [`${name}Trail`]: trail })
    }
  }
  follow(added, 'added')
  follow(packed, 'packed')
  follow(booked, 'booked')
  return rows
}

function compare(
  view: string,
  wanted: ReadonlyMap<string, object>,
  rows: ReadonlyMap<string, object>,
): readonly Violation[] {
  const ids = new Set([...wanted.keys(), ...rows.keys()])
  return [...ids].flatMap((id): Violation[] => {
    const [want, have] = [wanted.get(id), rows.get(id)]
    if (isDeepStrictEqual(want, have)) return []
    const what = `${view} of ${id} is ${JSON.stringify(have)}; by the log it is ${JSON.stringify(want)}`
    return [{ check: 'views', what, about: [id] }]
  })
}
