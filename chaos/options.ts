import { parseArgs } from 'node:util'
import { faultKinds, type FaultKind } from './schedule.ts'
import { plants, type Plant } from './worker/protocol.ts'

export interface Options {
  readonly minutes: number
  readonly seed: number
  readonly plant: Plant | undefined
  readonly only: readonly FaultKind[] | undefined
  readonly bus: boolean
  readonly split: boolean
  readonly workers: number
  readonly prove: boolean
  readonly keep: boolean
  readonly json: boolean
  readonly help: boolean
}

export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const usage = `npm run chaos -- [--minutes N] [--seed N] [--plant BUG] [--only FAULT,…] [--split] [--no-bus]

Runs a system of three contexts in several processes on servers of its own, under load, while processes and servers
are killed, stalled, cut off, emptied and restored; then compares what was answered with what is stored.

  --minutes  how long faults happen, 0.1 or more (default 1)
  --seed     same seed, same faults and same load (default: one of its own, which is told)
  --workers  how many processes, 1 to 8 (default 3)
  --only     only these faults: ${faultKinds.join(', ')}; none for none
  --split    a process for each context, and as many replicas of each as --workers says (default 2); they are also cut
             off from each other and restarted one after the other
  --no-bus   without a broker: contexts read each other's logs
  --plant    puts a bug in, which must be found:
${Object.entries(plants)
  .map(([name, about]) => `               ${name.padEnd(18)} ${about}`)
  .join('\n')}
  --prove    a run of each of these bugs; fails if one is not found
  --keep     leaves the servers' data for a look at it; else it is removed unless something was found
  --json     the result as one JSON object on stdout

Exit code 0: nothing was found. 1: something was, and chaos/out/<seed>/story.txt tells it. 2: it could not be run.`

/** @throws UsageError */
export function readOptions(args: readonly string[]): Options {
  const values = parsed(args)
  const minutes = number('--minutes', values.minutes ?? '1', 0.1, 24 * 60)
  const seed = number('--seed', values.seed ?? String(Math.floor(Math.random() * 1e6)), 0, 2 ** 32 - 1)
  if (!Number.isInteger(seed)) throw new UsageError(`--seed ${seed} is not a whole number`)
  const { split = false } = values
  if (split && values['no-bus'] === true) throw new UsageError('--split needs the bus')
  const workers = number('--workers', values.workers ?? (split ? '2' : '3'), 1, 8)
  if (!Number.isInteger(workers)) throw new UsageError(`--workers ${workers} is not a whole number`)
  const { plant } = values
  if (plant !== undefined && !Object.hasOwn(plants, plant)) {
    throw new UsageError(`there is no bug ${plant}; there are ${Object.keys(plants).join(', ')}`)
  }
  const { 'no-bus': noBus = false, prove = false, keep = false, json = false, help = false } = values
  return {
    minutes,
    seed,
    workers,
    plant: plant as Plant | undefined,
    only: onlyOf(values.only),
    bus: !noBus,
    split,
    prove,
    keep,
    json,
    help,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string' },
        seed: { type: 'string' },
        workers: { type: 'string' },
        plant: { type: 'string' },
        only: { type: 'string' },
        'no-bus': { type: 'boolean' },
        split: { type: 'boolean' },
        prove: { type: 'boolean' },
        keep: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function number(name: string, text: string, from: number, to: number): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= from && value <= to) return value
  throw new UsageError(`${name} ${text} is not a number from ${from} to ${to}`)
}

function onlyOf(text: string | undefined): readonly FaultKind[] | undefined {
  if (text === undefined) return undefined
  if (text === 'none') return []
  const known: readonly string[] = faultKinds
  const unknown = text.split(',').find((it) => !known.includes(it))
  if (unknown !== undefined)
    throw new UsageError(`there is no fault ${unknown}; there are ${faultKinds.join(', ')}`)
  return text.split(',') as FaultKind[]
}
