import { setTimeout as pause } from 'node:timers/promises'
import type { Load } from './load/load.ts'
import { told, type FarEnd, type Fault } from './schedule.ts'
import { restoreBackup, takeBackup, timelineOf } from './servers/restore.ts'
import type { Server, Servers } from './servers/servers.ts'
import type { Cuttable } from './servers/wire.ts'
import type { WorkerProcess } from './servers/worker-process.ts'

/** How many commands the restore takes back: more than a sequence skips, so that positions are used again. */
const doomedCommands = 120

export interface Stage {
  readonly servers: Servers
  readonly workers: readonly WorkerProcess[]
  /** By worker, what stands between it and each server. */
  readonly wires: readonly Readonly<Partial<Record<FarEnd, Cuttable>>>[]
  readonly load: Load
  readonly tell: (text: string) => void
  readonly signal: AbortSignal
}

/** Lets faults happen by their schedule, and ends when all of them are over. */
export async function happen(faults: readonly Fault[], durationMs: number, stage: Stage): Promise<void> {
  const { signal } = stage
  const underway: Promise<void>[] = []
  let heldMs = 0
  const begun = Date.now()
  const until = async (atMs: number): Promise<void> => {
    await pause(Math.max(0, begun + heldMs + atMs - Date.now()), undefined, { signal })
  }
  for (const fault of faults) {
    await until(fault.atMs)
    if (fault.kind !== 'restore') {
      underway.push(carryOut(fault, stage))
      continue
    }
    // What is to be taken back must be known, so the rest holds still meanwhile.
    const at = Date.now()
    await Promise.all(underway)
    await restore(stage, fault.handled)
    heldMs += Date.now() - at
  }
  await until(durationMs)
  await Promise.all(underway)
}

async function carryOut(fault: Exclude<Fault, { kind: 'restore' }>, stage: Stage): Promise<void> {
  const { servers, workers, tell, signal } = stage
  const wait = async (ms: number): Promise<void> => pause(ms, undefined, { signal })
  switch (fault.kind) {
    case 'kill-worker':
      tell(told(fault))
      workers[fault.worker - 1]?.kill()
      return
    case 'freeze-worker':
      tell(told(fault))
      workers[fault.worker - 1]?.freeze()
      await wait(fault.forMs)
      workers[fault.worker - 1]?.thaw()
      return
    case 'roll':
      tell(told(fault))
      for (const it of workers) {
        if (signal.aborted) return
        await it.roll()
      }
      tell('all workers have been restarted')
      return
    case 'cut': {
      const chosen = stage.wires.filter((_, i) => fault.worker === 'all' || fault.worker === i + 1)
      tell(told(fault))
      for (const it of chosen) it[fault.server]?.cut(fault.how)
      await wait(fault.forMs)
      for (const it of chosen) it[fault.server]?.mend(fault.late)
      return
    }
    case 'kill-server':
      return away(servers[fault.server], fault.forMs, fault, stage)
    case 'wipe':
      return away(servers.nats, fault.forMs, fault, stage, (it) => it.instance.wipe())
  }
}

async function away(
  server: Server | undefined,
  forMs: number,
  fault: Fault,
  { tell, signal }: Stage,
  meanwhile: (server: Server) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await server?.turns.take(async () => {
    tell(told(fault))
    await server.instance.kill()
    await meanwhile(server)
    await pause(forMs, undefined, { signal })
    await server.instance.start()
    tell(`${server.name} is back`)
  })
}

/**
 * Backup, then commands whose events others handle, then the backup put back: their positions are used again by later
 * commands, and who goes by position alone takes those for old.
 */
async function restore({ servers: { orders }, workers, load, tell }: Stage, handled: boolean): Promise<void> {
  await orders.turns.take(async () => {
    await load.hold()
    tell('commands are held, orders is backed up')
    const backup = await takeBackup(orders.instance)
    await load.doomed(doomedCommands)
    const met = handled && (await settled(workers, 30_000))
    const how = met ? 'all of them handled' : 'handled or not'
    tell(`${doomedCommands} commands were carried out that the restore takes back, ${how}`)
    const before = timelineOf(orders.instance)
    await restoreBackup(orders.instance, backup)
    tell(`orders is restored: timeline ${timelineOf(orders.instance)} follows ${before}`)
    load.release()
  })
}

/** Whether every worker says so in time. */
export async function settled(workers: readonly WorkerProcess[], withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs
  for (const it of workers) {
    if ((await it.ask('settle', Math.max(1, deadline - Date.now()))) === undefined) return false
  }
  return true
}
