// `npm run bench -- NAME`: measures Dure beside hand-written code that does the same, and prints a table or JSON.
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { commit, machine } from './harness/machine.mjs'
import { readOptions, usage, UsageError } from './harness/options.mjs'
import { measure } from './harness/rounds.mjs'
import { legend, table } from './harness/table.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

// Loaded only when asked for: each brings the whole framework.
const benchmarks = {
  domain: {
    about: 'commands in memory, on PostgreSQL and behind HTTP; the start of the shop; the cost of types',
    cases: async () => (await import('./domain/index.mjs')).domain(),
  },
  commands: {
    about:
      'durable commands on PostgreSQL, 1, 16 and 64 in flight, beside code by hand; aggregates in memory or not',
    cases: async () => (await import('./commands/index.mjs')).commands(),
  },
  relay: {
    about:
      'published events from PostgreSQL to NATS: a log emptied, the way to a consumer, what it costs the writers',
    cases: async () => (await import('./relay/index.mjs')).relay(),
  },
  calls: {
    about:
      'calls from context to context in one process and over HTTP, beside code by hand, Moleculer, NestJS, tRPC; start and memory',
    cases: async () => (await import('./calls/index.mjs')).calls(),
  },
  repository: {
    about:
      'an order of 20 lines loaded and saved, as state and as events, beside SQL by hand, TypeORM and MikroORM',
    cases: async () => (await import('./repository/index.mjs')).repository(),
  },
}

// Dure's own timers do not keep a process alive, and in memory there is nothing else that would.
const alive = setInterval(() => undefined, 60_000)
try {
  await main(readOptions(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n\n${usage(benchmarks)}\n`)
  process.exitCode = 2
} finally {
  clearInterval(alive)
}

async function main(options) {
  if (options.help || options.name === undefined) return print(usage(benchmarks))
  if (!Object.hasOwn(benchmarks, options.name)) throw new UsageError(`there is no benchmark ${options.name}`)
  const result = await run(options)
  if (options.json) return print(JSON.stringify(result))
  const { machine: on, at, commit: of } = result
  const load = on.load.join(' ')
  const place = `${on.cpu}, ${on.cores} cores, ${on.memoryGiB} GiB, ${on.system}, Node ${on.node}`
  print(`${options.name}, ${at}, commit ${of}\n${place}, load ${load}\n\n${table(result.rows)}\n\n${legend}`)
}

async function run({ name, rounds, cases }) {
  const all = await benchmarks[name].cases()
  const chosen = all.filter((it) => cases.length === 0 || cases.some((text) => it.name.includes(text)))
  if (chosen.length === 0) {
    throw new UsageError(
      `no case of ${name} has that in its name; there are:\n${all.map((it) => `  ${it.name}`).join('\n')}`,
    )
  }
  const result = {
    bench: name,
    at: new Date().toISOString(),
    commit: commit(root),
    machine: machine(),
    rows: [],
  }
  for (const it of chosen) {
    try {
      result.rows.push(...(await measureCase(it, Math.min(rounds, it.rounds ?? rounds))))
    } catch (error) {
      // What the other cases have taken minutes to measure is not thrown away.
      process.stderr.write(`${it.name} failed: ${error instanceof Error ? error.stack : String(error)}\n`)
      process.exitCode = 1
    }
  }
  return result
}

/** A case that needs servers gives `open`, which starts them and returns the rest of the case with a `close`. */
async function measureCase(it, rounds) {
  const opened = await it.open?.()
  try {
    return await measure({ ...it, ...opened }, rounds, say)
  } finally {
    await opened?.close?.()
  }
}

function say(text) {
  process.stderr.write(`${text} (load ${loadavg()[0].toFixed(1)})\n`)
}

function print(text) {
  process.stdout.write(`${text}\n`)
}
