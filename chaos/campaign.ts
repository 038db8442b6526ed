import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { audit, type Audited } from './audit/audit.ts'
import type { Violation } from './audit/violation.ts'
import { happen, settled, type Stage } from './faults.ts'
import { Load } from './load/load.ts'
import { send } from './load/send.ts'
import type { Options } from './options.ts'
import { chaos } from './model/system.ts'
import { scheduleOf, type FarEnd } from './schedule.ts'
import { freePorts } from './servers/free-ports.ts'
import { listOf, startServers, type ServerName, type Servers } from './servers/servers.ts'
import { Wire, type Cuttable } from './servers/wire.ts'
import { WorkerProcess } from './servers/worker-process.ts'
import { Story } from './story.ts'
import type { WorkerSettings } from './worker/protocol.ts'
import { doneTable } from './worker/slow-lines.ts'

const contextNames: readonly string[] = chaos.contexts.map((it) => it.name)
const lanes = 10
const thinkMs = 120
const accounts = 4
const answerMs = 60_000
const settleMs = 120_000
/** A bug may keep anything from ever settling. */
const plantedSettleMs = 12_000
const plantedLateMs = 3000
/** So long something that was found may still be on its way. */
const lateMs = 10_000

export interface Result {
  readonly seed: number
  readonly minutes: number
  readonly plant: string | undefined
  readonly commands: number
  readonly answered: number
  readonly events: number
  readonly parked: number
  readonly faults: number
  /** Why commands had to be sent again, and how often. */
  readonly doubts: Readonly<Record<string, number>>
  readonly violations: readonly Violation[]
  readonly story: string
}

/** One run: servers, workers, load, faults, rest, audit. */
export async function campaign(
  options: Options,
  folder: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Result> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const durationMs = options.minutes * 60_000
  const count = options.workers * (options.split ? contextNames.length : 1)
  const faults = scheduleOf({ ...options, workers: count, durationMs, nats: options.bus })
  const story = new Story(say)
  const closing: (() => Promise<void> | void)[] = []
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })
  try {
    return await Promise.race([underway(), stopped])
  } finally {
    for (const close of closing.toReversed()) await close()
  }

  async function underway(): Promise<Result> {
    const say = story.tell
    const servers = await startServers(join(folder, 'servers'), { nats: options.bus, say, closing })
    signal.throwIfAborted()
    await prepare(servers)
    const { workers, wires } = await startWorkers(options, servers, folder, story.tell, closing)
    await Promise.all(workers.map(async (it) => it.ready))
    signal.throwIfAborted()
    story.tell(`${workers.length} workers listen`)
    const urls = workers.filter((it) => it.serves('Orders')).map((it) => it.url) as [string, ...string[]]
    const ledger = workers.find((it) => it.serves('Ledger'))?.url ?? urls[0]
    const load = new Load({ seed: options.seed, lanes, thinkMs, urls, accounts: await openAccounts(ledger) })
    closing.push(async () => void (await load.finish(0)))
    await load.start()
    const stage: Stage = { servers, workers, wires, load, tell: story.tell, signal }
    const ticking = setInterval(() => say(progress(load)), 5000)
    closing.push(() => clearInterval(ticking))
    await happen(faults, durationMs, stage)
    story.tell('no more faults')
    const audited = await auditAtRest(stage, options.plant !== undefined)
    const violations = [...load.wrong, ...audited.violations]
    const result = {
      seed: options.seed,
      minutes: options.minutes,
      plant: options.plant,
      commands: load.sent.length,
      answered: load.answered,
      events: audited.events,
      parked: audited.parked,
      faults: faults.length,
      doubts: load.doubts,
      violations,
      story: join(folder, 'story.txt'),
    }
    story.write(result.story, headOf(result), violations, logsOf(folder, count))
    return result
  }
}

/** Waits until nothing is left to do, and looks; what is found may be on its way, so it is looked for twice. */
async function auditAtRest({ servers, workers, load, tell }: Stage, planted: boolean): Promise<Audited> {
  const late: Violation[] = []
  const withinMs = planted ? plantedSettleMs : settleMs
  const againMs = planted ? plantedLateMs : lateMs
  if (!(await load.finish(answerMs))) tell(`not everything is answered after ${answerMs / 1000} s`)
  tell(`${load.answered} of ${load.sent.length} commands are answered`)
  await Promise.all(workers.map(async (it) => it.ready))
  if (!(await settled(workers, withinMs))) {
    const states = await Promise.all(workers.map(async (it) => it.ask('status', 5000)))
    const what = `not settled after ${withinMs / 1000} s: ${JSON.stringify(states)}`
    late.push({ check: 'settling', what, at: Date.now() })
    tell(what)
  } else tell('all has settled')
  const urlOf = (context: string): string => workers.find((it) => it.serves(context))?.url ?? ''
  const at = { orders: servers.orders.instance, rest: servers.rest.instance, urlOf }
  const first = await audit(load.sent, at)
  if (first.violations.length === 0) return { ...first, violations: late }
  tell(`the audit found ${first.violations.length}, looking again in ${againMs / 1000} s`)
  await new Promise((resolve) => setTimeout(resolve, againMs))
  const second = await audit(load.sent, at)
  tell(`the audit found ${second.violations.length}`)
  if (second.violations.length > 0) return { ...second, violations: [...late, ...second.violations] }
  const what = `settled was told too early: ${first.violations
    .map((it) => it.what)
    .slice(0, 3)
    .join('; ')}`
  return { ...second, violations: [...late, { check: 'settling', what, at: Date.now() - againMs }] }
}

async function prepare({ orders }: Servers): Promise<void> {
  const client = new pg.Client({ connectionString: orders.instance.url })
  await client.connect()
  await client.query(doneTable)
  await client.end()
}

async function startWorkers(
  options: Options,
  servers: Servers,
  folder: string,
  tell: (line: string) => void,
  closing: (() => Promise<void> | void)[],
): Promise<Pick<Stage, 'workers' | 'wires'>> {
  const ports = await freePorts(options.workers * (options.split ? contextNames.length : 1))
  const workers: WorkerProcess[] = []
  const wires: Partial<Record<FarEnd, Cuttable>>[] = []
  for (const [i, port] of ports.entries()) {
    const own: Partial<Record<ServerName, Wire>> = {}
    for (const { name, instance } of listOf(servers)) own[name] = await Wire.to(instance.port)
    closing.push(() => Object.values(own).forEach((it) => it.close()))
    const { split, peers } = await splitOf(options, ports, i)
    closing.push(() => peers.forEach((it) => it.close()))
    const through = (name: ServerName): string | undefined => {
      const url = servers[name]?.instance.url
      return url?.replace(/:\d+/, `:${own[name]?.port}`)
    }
    const settings = {
      port,
      orders: through('orders') as string,
      rest: through('rest') as string,
      nats: through('nats'),
      plant: options.plant,
      ...(split && { split }),
    }
    const name = `worker-${i + 1}`
    const worker = new WorkerProcess(name, settings, join(folder, `${name}.log`), tell)
    closing.push(() => worker.stop())
    worker.start()
    workers.push(worker)
    wires.push({ ...own, ...(split && { peers: together(peers) }) })
  }
  return { workers, wires }
}

/** Replica after replica, each with a process for each context, which speaks to the others of its replica over wires. */
async function splitOf(
  { split }: Options,
  ports: readonly number[],
  index: number,
): Promise<{ split: WorkerSettings['split']; peers: readonly Wire[] }> {
  if (!split) return { split: undefined, peers: [] }
  const own = index % contextNames.length
  const peers: Wire[] = []
  const elsewhere: Record<string, string> = {}
  for (const [i, context] of contextNames.entries()) {
    if (i === own) continue
    const wire = await Wire.to(ports[index - own + i] as number)
    peers.push(wire)
    elsewhere[context] = `http://127.0.0.1:${wire.port}`
  }
  return { split: { here: [contextNames[own] as string], elsewhere }, peers }
}

function together(wires: readonly Wire[]): Cuttable {
  return {
    cut: (kind) => wires.forEach((it) => it.cut(kind)),
    mend: (late) => wires.forEach((it) => it.mend(late)),
  }
}

async function openAccounts(url: string): Promise<[string, ...string[]]> {
  const ids: string[] = []
  for (let i = 1; i <= accounts; i++) {
    const opened = await send(url, '/c/ledger/openAccount', { name: `account-${i}` }, `account-${i}`)
    if (opened.kind !== 'answer' || !opened.answer.ok)
      throw new Error(`no account: ${JSON.stringify(opened)}`)
    ids.push(opened.answer.id)
  }
  return ids as [string, ...string[]]
}

function progress({ sent, answered, doubts }: Load): string {
  const again = Object.values(doubts).reduce((sum, it) => sum + it, 0)
  return `           ${answered} answered, ${sent.length - answered} under way, ${again} sent again`
}

function headOf(it: Omit<Result, 'story'>): readonly string[] {
  const found = it.violations.length === 0 ? 'nothing was found' : `${it.violations.length} found`
  return [
    `Chaos, seed ${it.seed}, ${it.minutes} minutes${it.plant === undefined ? '' : `, planted: ${it.plant}`}: ${found}`,
    `${it.commands} commands, ${it.answered} answered; ${it.events} events, ${it.parked} parked; ${it.faults} faults`,
    `Sent again because of: ${JSON.stringify(it.doubts)}`,
  ]
}

function logsOf(folder: string, workers: number): Readonly<Record<string, string>> {
  const names = Array.from({ length: workers }, (_, i) => `worker-${i + 1}`)
  return Object.fromEntries(names.map((it) => [it, join(folder, `${it}.log`)]))
}
