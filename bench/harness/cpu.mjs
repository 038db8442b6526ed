import { readdirSync, readFileSync } from 'node:fs'

// USER_HZ of every Linux that Node runs on; the unit of /proc/*/stat.
const TICKS_PER_SECOND = 100

/** CPU of this process so far, in microseconds. */
export function ownCpu() {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** CPU that all processes of the machine have taken, in microseconds; undefined where there is no /proc. */
export function machineCpu() {
  const line = read('/proc/stat')?.split('\n')[0]
  if (line === undefined) return undefined
  const [user, nice, system, , , irq, softirq] = line.trim().split(/\s+/).slice(1).map(Number)
  return ticks(user + nice + system + irq + softirq)
}

/** CPU of a process and all below it, those that have ended and were waited for included, in microseconds. */
export function treeCpu(pid) {
  const processes = processTable()
  const of = (it) => {
    const children = processes.filter(({ parent }) => parent === it.pid)
    return it.cpu + children.reduce((sum, child) => sum + of(child), 0)
  }
  const root = processes.find((it) => it.pid === pid)
  return root === undefined ? undefined : ticks(of(root))
}

/** CPU of the processes below this one, in microseconds; undefined where there is no /proc. */
export function childrenCpu() {
  const own = processTable().find((it) => it.pid === process.pid)
  return own === undefined ? undefined : treeCpu(process.pid) - ticks(own.alone)
}

/** Processes whose environment or command line contains a text: those that a start with it has left behind. */
export function processesWith(text) {
  return processIds().filter(
    (pid) =>
      pid !== process.pid &&
      (read(`/proc/${pid}/environ`)?.includes(text) || read(`/proc/${pid}/cmdline`)?.includes(text)),
  )
}

function processTable() {
  return processIds().flatMap((pid) => {
    const text = read(`/proc/${pid}/stat`)
    if (text === undefined) return []
    // The name in brackets may hold anything, so the fields are counted from its end.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [, parent] = fields
    const [user, system, childUser, childSystem] = fields.slice(11, 15).map(Number)
    const alone = user + system
    return [{ pid, parent: Number(parent), alone, cpu: alone + childUser + childSystem }]
  })
}

function processIds() {
  try {
    return readdirSync('/proc')
      .filter((it) => /^\d+$/.test(it))
      .map(Number)
  } catch {
    return []
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function ticks(count) {
  return (count / TICKS_PER_SECOND) * 1e6
}
