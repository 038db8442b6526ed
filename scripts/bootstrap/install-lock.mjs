import { linkSync, readFileSync, renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const BEAT_MS = 2_000
const STALE_MS = 20_000
const POLL_MS = 200

/** Runs `work` while no other process does so for `folder`. The lock lies outside node_modules: npm ci empties that. */
export async function withInstallLock(folder, work) {
  const file = join(folder, '.install.lock')
  const mine = `${file}.${process.pid}`
  // Linked into place, so that nobody ever reads a lock that is there but still empty.
  writeFileSync(mine, `${process.pid}\n`)
  let waiting = false
  while (!take(mine, file)) {
    const holder = readHolder(file)
    if (holder && isStale(holder)) {
      removeStale(file, holder)
      continue
    }
    if (!waiting && holder) console.error(`dure: waiting for process ${holder.pid} to finish installing …`)
    waiting ||= holder !== undefined
    await sleep(POLL_MS)
  }
  unlinkSync(mine)
  // A pid may be reused after a crash, so the holder also shows that it is alive.
  const beat = setInterval(() => utimesSync(file, new Date(), new Date()), BEAT_MS)
  try {
    return await work()
  } finally {
    clearInterval(beat)
    unlinkSync(file)
  }
}

function take(mine, file) {
  try {
    linkSync(mine, file)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function readHolder(file) {
  try {
    return { pid: Number(readFileSync(file, 'utf8')), beatAt: statSync(file).mtimeMs }
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function isStale({ pid, beatAt }) {
  if (Date.now() - beatAt > STALE_MS) return true
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

/** Moves the dead holder's lock away; when a living one took it between the look and the move, puts it back. */
function removeStale(file, dead) {
  const aside = `${file}.stale.${process.pid}`
  try {
    renameSync(file, aside)
    if (Number(readFileSync(aside, 'utf8')) !== dead.pid) take(aside, file)
    unlinkSync(aside)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}
