import { execFile } from 'node:child_process'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import type { Instance } from '../../scripts/services/instances.mjs'

const run = promisify(execFile)

// What belongs to the server that runs, not to its data.
const ofTheProcess = ['postmaster.pid', 'postmaster.opts', 'pg_internal.init']

/**
 * A base backup of a server that goes on running, as pg_basebackup takes it: a copy between the start and the end of a
 * backup, and the log up to that end.
 */
export async function takeBackup({ url, data, folder }: Instance): Promise<string> {
  const backup = join(folder, 'backup')
  await withClient(url, async (client) => {
    await client.query(`select pg_backup_start('chaos', true)`)
    rmSync(backup, { recursive: true, force: true })
    await copy(data, backup)
    const { rows } = await client.query<{ labelfile: string }>('select * from pg_backup_stop(false)')
    // Until the end of the backup the log went on; what was copied of it may be torn.
    rmSync(join(backup, 'pg_wal'), { recursive: true })
    await copy(join(data, 'pg_wal'), join(backup, 'pg_wal'))
    for (const name of ofTheProcess) rmSync(join(backup, name), { force: true })
    writeFileSync(join(backup, 'backup_label'), rows[0]?.labelfile ?? '')
  })
  return backup
}

/**
 * Puts the backup in the place of the data and begins a new timeline with it, as every restore does. The log of the server
 * ends where the backup did: what was written since is gone.
 */
export async function restoreBackup(instance: Instance, backup: string): Promise<void> {
  await instance.kill()
  await instance.wipe()
  await copy(backup, instance.data)
  writeFileSync(join(instance.data, 'standby.signal'), '')
  await instance.start()
  await withClient(instance.url, async (client) => {
    await client.query('select pg_promote(true, 60)')
    while (
      (await client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby')).rows[0]?.standby
    ) {
      await pause(20)
    }
  })
}

/** The number of the timeline that a server's data is on, by the names of its log's files. */
export function timelineOf({ data }: Instance): number {
  const files = existsSync(data) ? readdirSync(join(data, 'pg_wal')) : []
  return Math.max(
    0,
    ...files.filter((it) => /^[0-9A-F]{24}$/.test(it)).map((it) => Number.parseInt(it.slice(0, 8), 16)),
  )
}

/** With the owners of the files: the server may run as somebody else. */
async function copy(from: string, to: string): Promise<void> {
  await run('cp', ['-a', from, to])
}

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
