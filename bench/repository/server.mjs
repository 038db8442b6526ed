import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedStorage } from 'dure/embedded'
import { connect, POOL } from './connect.mjs'

const WARM_UP_MS = 2_000

/**
 * The contestants of a case on a new embedded PostgreSQL that they share: opened, prepared, tried once without being
 * measured, and proved right. `proved` is asked again when all rounds are over, so that no figures are shown of work that
 * was not done.
 */
export async function onServer(openers, { prepare, run, proved }) {
  const folder = mkdtempSync(join(tmpdir(), 'dure-bench-'))
  const storage = await embeddedStorage({ directory: join(folder, 'postgres'), poolSize: POOL })
  const opened = new Map()
  const end = async () => {
    for (const it of opened.values()) await it.close()
    await storage.close()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (const [name, open] of Object.entries(openers)) {
      const it = await open(storage)
      opened.set(name, it)
      await prepare(it, name)
    }
    await settle(storage.connection)
    for (const [name, it] of opened) {
      await warmUp(it, run)
      await proved(storage.connection, it, name)
    }
  } catch (error) {
    await end()
    throw error
  }
  return {
    contestants: Object.fromEntries([...opened].map(([name, it]) => [name, () => run(it)])),
    async close() {
      try {
        for (const [name, it] of opened) await proved(storage.connection, it, name)
      } finally {
        await end()
      }
    },
  }
}

/** Connections are made and statements planned before the first round; the code is compiled, which takes mappers long. */
async function warmUp(it, run) {
  const until = performance.now() + WARM_UP_MS
  do await run(it)
  while (performance.now() < until)
}

/** What was written in bulk is tidied up before the first round rather than during one. */
async function settle(connection) {
  const pool = connect(connection, 1)
  await pool.query('vacuum analyze')
  await pool.query('checkpoint')
  await pool.end()
}
