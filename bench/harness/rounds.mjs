import { machineCpu, treeCpu } from './cpu.mjs'
import { median, spread } from './stats.mjs'

/**
 * Measures the contestants of one case in interleaved rounds. A contestant is a function that does one round and returns
 * `{ rate, p50, p99, cpuUs?, otherUs? }`. Every round measures all of them, and the order turns from round to round, so
 * that what else the machine does hits all alike. `childCpu` tells what processes of the case that are not children of
 * this one have taken so far. Ratios are to the contestant `base`: `limit` when absent.
 */
export async function measure(it, rounds, say) {
  const names = Object.keys(it.contestants)
  const measured = new Map(names.map((name) => [name, []]))
  const foreign = []
  for (let round = 0; round < rounds; round++) {
    const order = names.map((_, i) => names[(i + round) % names.length])
    for (const name of round % 2 === 0 ? order : order.toReversed()) {
      const others = watchOthers(it.childCpu)
      measured.get(name).push(await it.contestants[name]())
      foreign.push(others())
    }
    say(`${it.name}: round ${round + 1} of ${rounds}`)
  }
  const known = foreign.filter((share) => share !== undefined)
  const disturbed = known.length > 0 ? median(known) : undefined
  return names.map((name) => ({ ...rowOf(it, name, measured), disturbed }))
}

function rowOf({ name, unit, digits, base = 'limit' }, contestant, measured) {
  const rounds = measured.get(contestant)
  const of = (field) => (rounds[0][field] === undefined ? null : median(rounds.map((it) => it[field])))
  const limits = measured.get(base)
  const values = rounds.map((it) => it.rate)
  return {
    case: name,
    contestant,
    unit,
    median: of('rate'),
    p50: of('p50'),
    p99: of('p99'),
    ratio: limits === undefined ? null : median(values.map((it, i) => it / limits[i].rate)),
    cpuRatio: limits === undefined ? null : median(rounds.map((it, i) => cpuOf(it) / cpuOf(limits[i]))),
    spread: spread(values),
    cpuUs: of('cpuUs'),
    otherUs: of('otherUs'),
    rounds: rounds.length,
    ...(digits !== undefined && { digits }),
  }
}

/** CPU of an operation wherever it was spent; NaN where it is not known. */
const cpuOf = ({ cpuUs, otherUs }) =>
  cpuUs === undefined && otherUs === undefined ? NaN : (cpuUs ?? 0) + (otherUs ?? 0)

/** Begins to watch; the result tells how many cores' worth of work belonged to processes that are not ours. */
function watchOthers(childCpu = () => 0) {
  const ours = () => (treeCpu(process.pid) ?? 0) + childCpu()
  const [allBefore, oursBefore, from] = [machineCpu(), ours(), performance.now()]
  return () => {
    const all = machineCpu()
    if (all === undefined) return undefined
    const foreign = all - allBefore - (ours() - oursBefore)
    return Math.max(0, foreign / ((performance.now() - from) * 1000))
  }
}
