import assert from 'node:assert/strict'
import { chmod, cp, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { type Account, chooseAccount, rootAccounts } from './account.ts'
import { type Binaries, findBinaries } from './binaries.ts'
import { createData, SUPERUSER } from './data-directory.ts'
import { Server } from './server.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

// What root can do depends on the container; whatever way it offers must work below a home that only root may enter.
describe.runIf(process.getuid?.() === 0 && process.platform === 'linux')(
  'root, all of it below a closed home',
  () => {
    let home: string
    let binaries: Binaries

    beforeAll(async () => {
      home = await mkdtemp(join(tmpdir(), 'dure-test-'))
      await chmod(home, 0o700)
      const brought = findBinaries()
      await cp(resolve(dirname(brought.postgres), '..'), join(home, 'native'), {
        recursive: true,
        verbatimSymlinks: true,
      })
      const bin = join(home, 'native/bin')
      binaries = { ...brought, initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') }
    })

    afterAll(() => rm(home, { recursive: true, force: true }))

    it.each([0, 1])(
      'way %i: makes a data directory, serves it, and opens it again as its owner says',
      async (way) => {
        const folder = join(home, `way-${way}`)
        const data = join(folder, 'data')
        await mkdir(folder)
        const account = rootAccounts(folder, true)[way]
        assert.ok(account)
        await createData(folder, data, binaries, account)
        assert.equal(await selectOne(account, folder), 1)
        const again = await chooseAccount(data, false, binaries.postgres)
        assert.equal(await selectOne(again, folder), 1)
        assert.equal((await stat(data)).uid === 0, way === 0)
      },
    )

    it('without any way it says what to set instead', async () => {
      const nowhere = join(home, 'no-such-program')
      await assert.rejects(chooseAccount(home, true, nowhere), {
        code: 'DURE_EMBEDDED_UNSUPPORTED',
        hint: /DATABASE_URL/,
      })
    })

    async function selectOne(account: Account, directory: string): Promise<unknown> {
      const log = join(directory, 'postgres.log')
      const place = { directory, data: join(directory, 'data'), log, postgres: binaries.postgres, account }
      const server = await Server.start(place)
      const client = new pg.Client({ host: server.socketDirectory, user: SUPERUSER, database: 'postgres' })
      await client.connect()
      const { rows } = await client.query<{ one: number }>('select 1 as one')
      await client.end()
      await server.stop()
      return rows[0]?.one
    }
  },
)
