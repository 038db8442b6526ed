// `npm run chaos`: see --help.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { campaign, type Result } from './campaign.ts'
import { readOptions, usage, UsageError, type Options } from './options.ts'
import { plants, type Plant } from './worker/protocol.ts'

const out = fileURLToPath(new URL('out', import.meta.url))
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => stopping.abort(new Error(`stopped by ${signal}`)))
}

let exitCode: number
try {
  exitCode = await main()
} catch (error) {
  const known = error instanceof UsageError || stopping.signal.aborted
  const text = error instanceof Error ? (known ? error.message : error.stack) : String(error)
  process.stderr.write(`${text}\n${error instanceof UsageError ? `\n${usage}\n` : ''}`)
  exitCode = stopping.signal.aborted ? 130 : 2
}
// A run that was stopped leaves waits behind that nobody needs.
process.exit(exitCode)

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (options.help) {
    process.stdout.write(`${usage}\n`)
    return 0
  }
  if (options.prove) return prove(options)
  const result = await once(options)
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : summary(result))
  return result.violations.length > 0 ? 1 : 0
}

async function once(options: Options): Promise<Result> {
  say(`seed ${options.seed}, ${options.minutes} minutes${options.plant ? `, planted: ${options.plant}` : ''}`)
  const folder = join(out, [options.seed, options.plant].filter((it) => it !== undefined).join('-'))
  const servers = join(folder, 'servers')
  let result: Result | undefined
  try {
    return (result = await campaign(options, folder, say, stopping.signal))
  } finally {
    const bad = (result?.violations.length ?? 0) > 0 && options.plant === undefined
    if (!options.keep && !bad) rmSync(servers, { recursive: true, force: true })
  }
}

/** Each bug in a short run of its own: all of them must be found. */
async function prove(options: Options): Promise<number> {
  const missed: string[] = []
  for (const plant of Object.keys(plants) as Plant[]) {
    const { violations } = await once({ ...options, plant })
    process.stdout.write(`${plant.padEnd(18)} ${violations.length} found\n`)
    if (violations.length === 0) missed.push(plant)
  }
  if (missed.length > 0) process.stdout.write(`not found: ${missed.join(', ')}\n`)
  return missed.length > 0 ? 1 : 0
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

function summary({ violations, commands, events, parked, faults, story, doubts }: Result): string {
  const shown = violations.slice(0, 10).map((it) => `  ${it.check}: ${it.what.slice(0, 300)}`)
  const more = violations.length > 10 ? [`  … and ${violations.length - 10} more`] : []
  const counts = `${commands} commands, ${events} events, ${parked} parked, ${faults} faults`
  const sentAgain = `sent again because of ${JSON.stringify(doubts)}`
  const verdict =
    violations.length > 0 ? `${violations.length} found, see ${story}` : `nothing found (${story})`
  return `${[counts, sentAgain, verdict, ...shown, ...more].join('\n')}\n`
}
