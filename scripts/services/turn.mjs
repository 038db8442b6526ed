import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { folder } from './folder.mjs'
import { startOf } from './process/identity.mjs'

const file = join(folder, 'turn.json')

/** Two that start or stop servers at once would each believe that it alone does, so they take turns. */
export async function takeTurn(say, signal) {
  mkdirSync(folder, { recursive: true })
  const mine = JSON.stringify({ pid: process.pid, start: startOf(process.pid) })
  for (let told = false; ;) {
    try {
      writeFileSync(file, mine, { flag: 'wx' })
      process.on('exit', () => rmSync(file, { force: true }))
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const other = readTurn()
    if (other && startOf(other.pid) !== other.start) rmSync(file, { force: true })
    if (other && !told)
      say(`waiting for process ${other.pid}, which starts or stops servers of this folder …`)
    told ||= other !== undefined
    await pause(100, undefined, { signal })
  }
}

function readTurn() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // Given back just now, or not yet written to its end.
    return undefined
  }
}
