import assert from 'node:assert/strict'
import { childrenCpu } from '../harness/cpu.mjs'
import { closedLoop } from '../harness/load.mjs'
import { changeInput, numberOf, orderInput } from './calls.mjs'
import { connect } from './connect.mjs'
import { asEvents } from './contestants.mjs'
import { proveGuarded, proveLoaded, proveStored } from './prove.mjs'
import { onServer } from './server.mjs'

const EVENTS = 10
const ORDERS = 500
const LOADS = 2_000
const SAVES = 500

const EVERY = 200
/** Events after the last snapshot: as many as there are on average. */
const TAIL = EVERY / 2
const CHUNK = 300
const STREAMS = 20

const short = { dure: asEvents.dure, cold: asEvents.cold, limit: asEvents.limit }
// Each opener is told how often, and makes of it what it does.
const long = {
  dure: (storage) => asEvents.cold(storage, EVERY),
  whole: (storage) => asEvents.whole(storage),
  limit: (storage) => asEvents.limit(storage, EVERY),
}

/** The same order kept as its events: ten of them, the first with 20 lines. */
const shortCases = [
  shortCase('load events, 1 in flight', 'loads/s', loading(1)),
  shortCase('load events, 16 in flight', 'loads/s', loading(16)),
  shortCase('save events, 1 in flight', 'saves/s', saving(1)),
  shortCase('save events, 16 in flight', 'saves/s', saving(16)),
]

/**
 * Streams with a snapshot every 200 events, which nothing remembers: what a load costs must not grow with the stream.
 * `whole` is Dure without snapshots.
 */
const longCases = [10, 1_000, 10_000].map((length) => ({
  name: `load ${length.toLocaleString('en')} events with snapshots`,
  unit: 'loads/s',
  open: () => longStreams(length),
}))

export const eventCases = [...shortCases, ...longCases]

function shortCase(name, unit, run) {
  return { name, unit, open: () => onServer(short, { prepare: prepareShort, run, proved: provedShort }) }
}

async function prepareShort(it) {
  it.changes = []
  await add(it, ORDERS)
}

async function provedShort(connection, it, who) {
  await proveGuarded(it, who, 1, it.changes)
  await proveStored(connection, who, it.facts, it.changes)
  await proveLoaded(it, who, it.changes)
}

/** New orders with ten events each. */
async function add(it, count) {
  const from = it.changes.length
  it.changes.push(...Array(count).fill(EVENTS - 1))
  const create = (i) => it.create(orderInput(from + i), ...changesOf(from + i, 1, EVENTS - 1))
  await closedLoop(create, { count, width: 16 })
  return from
}

const changesOf = (order, first, count) =>
  Array.from({ length: count }, (_, n) => changeInput(order, first + n))

function loading(width) {
  return async (it) =>
    closedLoop((i) => it.load(numberOf((i * 37) % ORDERS)), { count: LOADS, width, otherCpu: childrenCpu })
}

function saving(width) {
  return async (it) => {
    const from = await add(it, SAVES)
    const change = (i) => {
      const version = 1 + it.changes[from + i]++
      return it.change(numberOf(from + i), [changeInput(from + i, version)])
    }
    return closedLoop(change, { count: SAVES, width, otherCpu: childrenCpu })
  }
}

function longStreams(length) {
  const prepare = async (it, who) => {
    it.changes = Array(STREAMS).fill(length - 1)
    it.hasSnapshots = who !== 'whole' && length > TAIL
    for (let at = 0; at < length;) {
      const count = Math.min(length - at > TAIL ? CHUNK : TAIL, length - at)
      for (let i = 0; i < STREAMS; i++) {
        if (at === 0) await it.create(orderInput(i), ...changesOf(i, 1, count - 1))
        else await it.change(numberOf(i), changesOf(i, at, count))
      }
      at += count
    }
    await it.renew?.()
  }
  const run = (it) => {
    // Without snapshots a load of many events takes long; its rate does not need as many of them.
    const count = it.hasSnapshots || length < EVERY ? 1_000 : Math.ceil(300_000 / length)
    return closedLoop((i) => it.load(numberOf(i % STREAMS)), { count, width: 1, otherCpu: childrenCpu })
  }
  const proved = async (connection, it, who) => {
    await proveSnapshots(connection, it, who, length)
    await proveStored(connection, who, it.facts, it.changes)
    await proveLoaded(it, who, it.changes)
  }
  return onServer(long, { prepare, run, proved })
}

/** Every stream has its snapshot where it must be, and none has one that must not. */
async function proveSnapshots(connection, it, who, length) {
  const pool = connect(connection, 1)
  const { rows } = await pool.query(`select version::int from ${it.snapshots}`)
  await pool.end()
  const versions = rows.map((row) => row.version)
  assert.deepEqual(versions, it.hasSnapshots ? Array(STREAMS).fill(length - TAIL) : [], `${who}: snapshots`)
}
