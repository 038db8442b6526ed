import pg from 'pg'
import type { Instance } from '../../scripts/services/instances.mjs'

/** An event as it stands in the table. */
export interface LoggedEvent {
  readonly position: number
  readonly id: string
  readonly version: number
  readonly type: string
  readonly data: {
    readonly mark: string
    readonly amount?: number
    readonly note?: string
    readonly order?: string
  }
}

export interface ParkedRow {
  readonly consumer: string
  readonly source: string
  readonly position: number
  readonly id: string
  readonly code: string
}

export interface AccountRow {
  readonly id: string
  readonly bookings: number
  readonly balance: number
  readonly version: number
}

/** All that was stored, as it stands in the tables: an audit does not look through the eyes of what it audits. */
export interface Stored {
  readonly orders: readonly LoggedEvent[]
  readonly fulfilment: readonly LoggedEvent[]
  readonly ledger: readonly LoggedEvent[]
  readonly parked: Readonly<Record<'orders' | 'fulfilment' | 'ledger', readonly ParkedRow[]>>
  readonly accounts: readonly AccountRow[]
}

export async function readStored(orders: Instance, rest: Instance): Promise<Stored> {
  const ofOrders = new pg.Pool({ connectionString: orders.url, max: 1 })
  const ofRest = new pg.Pool({ connectionString: rest.url, max: 1 })
  try {
    const events = async (pool: pg.Pool, schema: string): Promise<readonly LoggedEvent[]> =>
      rows(
        pool,
        `select position::float8 as position, id, version, type, data from ${schema}.events order by position`,
      )
    const parked = async (pool: pg.Pool, schema: string): Promise<readonly ParkedRow[]> =>
      rows(
        pool,
        `select consumer, source, position::float8 as position, id, code from ${schema}.parked order by position`,
      )
    return {
      orders: await events(ofOrders, 'orders'),
      fulfilment: await events(ofRest, 'fulfilment'),
      ledger: await events(ofRest, 'ledger'),
      parked: {
        orders: await parked(ofOrders, 'orders'),
        fulfilment: await parked(ofRest, 'fulfilment'),
        ledger: await parked(ofRest, 'ledger'),
      },
      accounts: await rows(
        ofRest,
        'select id, bookings::float8 as bookings, balance::float8 as balance, version from ledger.account',
      ),
    }
  } finally {
    await Promise.all([ofOrders.end(), ofRest.end()])
  }
}

async function rows<R>(pool: pg.Pool, text: string): Promise<readonly R[]> {
  return (await pool.query(text)).rows as readonly R[]
}
