import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const onLinux = process.platform === 'linux'

/** When the process started, in the system's own terms: a number that is used again tells by it. */
export function startOf(pid) {
  if (onLinux) {
    const stat = statOf(pid)
    return stat && stat.state !== 'Z' ? stat.start : undefined
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}

/** The processes that it started, and theirs. */
export function descendantsOf(pid) {
  const parents = new Map(onLinux ? linuxParents() : otherParents())
  const found = [pid]
  for (const parent of found) for (const [child, of] of parents) if (of === parent) found.push(child)
  return found.slice(1)
}

function* linuxParents() {
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) && statOf(Number(name))
    if (stat) yield [Number(name), stat.parent]
  }
}

function otherParents() {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  return lines.map((line) => line.trim().split(/\s+/).map(Number))
}

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name, which may hold blanks and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0], parent: Number(fields[1]), start: fields[19] }
  } catch {
    return undefined
  }
}
