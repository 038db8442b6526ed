import { childrenCpu } from '../harness/cpu.mjs'
import { closedLoop } from '../harness/load.mjs'
import { changeInput, numberOf, orderInput } from './calls.mjs'
import { inColumns } from './contestants.mjs'
import { proveGuarded, proveLoaded, proveStored } from './prove.mjs'
import { onServer } from './server.mjs'

const ORDERS = 1_000
const LOADS = 2_000
const SAVES = 500
const CREATES = 300

/**
 * An order of 20 lines kept as state: in a row and 20 child rows, with its events beside them. A save loads it, changes a
 * quantity and with it the total, and stores that with its event, if nobody else was there meanwhile. `limit` writes
 * plain SQL for exactly this, over classes without a framework: it reads the order and its lines at each load, and guards
 * what it writes by the version in the order's row. It has no row for the stream besides, as Dure has, whose log is what
 * counts: one index entry and one update in place less.
 */
export const stateCases = [
  stateCase('load state, 1 in flight', 'loads/s', loading(1)),
  stateCase('load state, 16 in flight', 'loads/s', loading(16)),
  stateCase('save state, 1 in flight', 'saves/s', saving(1)),
  stateCase('save state, 16 in flight', 'saves/s', saving(16)),
  stateCase('create state, 1 in flight', 'orders/s', creating(1)),
  stateCase('create state, 16 in flight', 'orders/s', creating(16)),
]

function stateCase(name, unit, run) {
  return { name, unit, open: () => onServer(inColumns, { prepare, run, proved }) }
}

/** How often each order was changed is what the database is compared with in the end. */
async function prepare(it) {
  it.changes = Array(ORDERS).fill(0)
  it.next = 0
  await closedLoop((i) => it.create(orderInput(i)), { count: ORDERS, width: 16 })
}

async function proved(connection, it, name) {
  await proveGuarded(it, name, 1, it.changes)
  await proveStored(connection, name, it.facts, it.changes)
  await proveLoaded(it, name, it.changes)
}

function loading(width) {
  return async (it) =>
    closedLoop((i) => it.load(numberOf((i * 37) % ORDERS)), { count: LOADS, width, otherCpu: childrenCpu })
}

function saving(width) {
  return async (it) => {
    const from = it.next
    it.next += SAVES
    // Each order once in a round, so two saves in flight are never for one order.
    const change = (i) => {
      const order = (from + i) % ORDERS
      const version = 1 + it.changes[order]++
      return it.change(numberOf(order), [changeInput(order, version)], version)
    }
    return closedLoop(change, { count: SAVES, width, otherCpu: childrenCpu })
  }
}

function creating(width) {
  return async (it) => {
    const from = it.changes.length
    it.changes.push(...Array(CREATES).fill(0))
    return closedLoop((i) => it.create(orderInput(from + i)), {
      count: CREATES,
      width,
      otherCpu: childrenCpu,
    })
  }
}
