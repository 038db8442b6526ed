import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { cliProject, textOf, twoContexts } from '../../../test/fixtures/cli-project.ts'
import { postgresStorage } from '../../adapters/postgres/index.ts'
import { commitTo, order } from '../../testing/conformance/harness.ts'
import { embeddedStorage, type EmbeddedStorage } from '../../adapters/embedded/index.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

let directory: string
let server: EmbeddedStorage
const production = (): Readonly<Record<string, string>> => {
  const { host, user, database } = server.connection
  const url = `postgres://${user}@localhost/${database}?host=${host}`
  return { DATABASE_URL: url, NODE_ENV: 'production', PORT: '0' }
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dure-test-'))
  server = await embeddedStorage({ directory })
})
afterAll(async () => {
  await server?.close()
  await rm(directory, { recursive: true, force: true })
})

const main = `import { run } from 'dure/run'
import { tiny } from './system.ts'
import { persistence } from './persistence.ts'
const { host } = await run(tiny, { persistence })
const envelope = { id: 'c1', actor: 'ann', tenant: '', correlation: 'c1' }
const reply = await host.application.command({ context: 'Ordering', command: 'placeOrder', input: { total: 7 }, envelope })
console.log('placed', reply.ok)
`
const events = `export const persistence = []
`
const state = `import { asState } from 'dure/persistence'
import { Order } from './ordering/domain/order.ts'
export const persistence = [asState(Order)]
`

it('production starts only on what dure admin migrate has made', async () => {
  const project = cliProject({ ...twoContexts, 'src/main.ts': main, 'src/persistence.ts': events })
  const release = (text: string) => writeFile(join(project.folder, 'src/persistence.ts'), text)
  const dure = (...args: string[]) => project.dure(args, production())
  const start = async (): Promise<string> => {
    const program = project.start(['start'], { ...production(), HOME: project.folder })
    onTestFinished(() => void program.kill('SIGKILL'))
    const [out, err] = [textOf(program.stdout), textOf(program.stderr)]
    await vi.waitFor(() => expect(out() + err()).toMatch(/placed|hint/), { timeout: 60_000 })
    program.kill('SIGTERM')
    await vi.waitFor(() => expect(program.exitCode ?? program.signalCode).not.toBeNull(), { timeout: 20_000 })
    return out() + err()
  }

  expect(await start()).toMatch(
    /DURE_STORE_UNMIGRATED The tables of (?:Ordering|Billing)[^]*hint.*dure admin migrate/,
  )
  const planned = await dure('migrate', 'plan', '--json')
  expect(planned).toMatchObject({ code: 0, err: '' })
  const { steps } = JSON.parse(planned.out) as { steps: { kind: string; context: string; sql: string }[] }
  expect(new Set(steps.map((step) => step.kind))).toEqual(new Set(['schema']))
  expect(steps.map((step) => step.sql).join()).toContain('create table')
  expect(await dure('admin', 'migrate')).toMatchObject({ code: 0, err: '' })
  expect(await dure('migrate', 'plan')).toEqual({ code: 0, out: 'up to date\n', err: '' })
  expect(await start()).toContain('placed true')

  await release(state)
  expect(await start()).toMatch(/DURE_STORE_UNMIGRATED[^]*hint/)
  const plan = await dure('migrate', 'plan')
  expect(plan.out).toMatch(/^expand +Ordering +.*order/m)
  expect(plan.out).toMatch(/^fill +Ordering +fill order with every Order$/m)
  const applied = await dure('admin', 'migrate', '--json')
  expect(applied.code).toBe(0)
  expect(JSON.parse(applied.out)).toMatchObject({ system: 'Tiny', left: [], waiting: [] })
  const pool = new pg.Pool({ ...server.connection, password: '', ssl: false })
  onTestFinished(async () => pool.end())
  const rows = async () => (await pool.query('select total, version from ordering."order"')).rows
  expect(await rows()).toEqual([{ total: '7', version: 1 }])
  expect(await start()).toContain('placed true')
  expect(await rows()).toHaveLength(2)
  expect((await dure('migrate', 'verify')).out).toBe('Order: 2 checked, all as their events say\n')

  await pool.query('update ordering."order" set total = 8 where total = 7')
  const misspelt = await dure('migrate', 'verify', 'Oder')
  expect(misspelt).toMatchObject({
    code: 2,
    err: expect.stringContaining('"Oder" is kept as state (Order)') as string,
  })
  const wrong = await dure('migrate', 'verify')
  expect(wrong.code).toBe(1)
  expect(wrong.out).toMatch(/Order [\w-]+ +total differ\n[^]*Order: 2 checked, 2 differ/)
  await release(events)
  expect(await dure('migrate', 'apply')).toMatchObject({
    code: 1,
    err: expect.stringContaining('DURE_STATE_DIFFERS') as string,
  })
  await release(state)
  expect(await dure('migrate', 'verify', '--repair')).toMatchObject({ code: 0 })
  expect(await rows()).toMatchObject([{ total: '7' }, { total: '7' }])

  await release(events)
  expect(await dure('migrate', 'apply')).toMatchObject({ code: 0 })
  expect(await start()).toContain('placed true')
  expect((await dure('migrate', 'plan')).out).toMatch(/^contract Ordering +.*order.*destroys data$/m)
  const unasked = await dure('migrate', 'apply', '--contract')
  expect(unasked).toMatchObject({ code: 1, err: expect.stringContaining('DURE_CLI_CONFIRM') as string })
  expect(await rows()).toHaveLength(2)
  expect(await dure('migrate', 'apply', '--contract', '--yes')).toMatchObject({ code: 0 })
  await expect(rows()).rejects.toThrow('does not exist')
  expect(await dure('migrate', 'plan')).toMatchObject({ out: 'up to date\n' })
})

it('says what is wrong with the command line', async () => {
  const project = cliProject({ ...twoContexts, 'src/persistence.ts': events })
  expect(await project.dure(['migrate'])).toMatchObject({ code: 2 })
  expect(await project.dure(['admin', 'nothing'])).toMatchObject({ code: 2 })
  for (const unused of [
    ['plan', '--contract'],
    ['apply', 'Order'],
    ['apply', '--repair'],
    ['verify', '--yes'],
  ]) {
    expect(await project.dure(['migrate', ...unused])).toMatchObject({ code: 2, out: '' })
  }
  expect(await project.dure(['migrate', 'plan'])).toMatchObject({
    code: 0,
    err: 'Tiny has no store yet; the first start makes one that is up to date.\n',
  })
})

it('dure admin restored begins a new epoch of every context, or of one, and says where', async () => {
  const project = cliProject({ ...twoContexts, 'src/persistence.ts': events })
  const { host, user } = server.connection
  const admin = new pg.Client({ host, user, database: 'postgres' })
  await admin.connect()
  onTestFinished(() => admin.end())
  await admin.query('create database restored')
  const url = `postgres://${user}@localhost/restored?host=${host}`
  const dure = (...args: string[]) => project.dure(['admin', 'restored', ...args], { DATABASE_URL: url })

  const empty = await dure()
  expect(empty).toMatchObject({ code: 0, err: '' })
  expect(empty.out).toMatch(/Ordering: nothing is stored yet/)
  expect(await project.dure(['admin', 'migrate'], { DATABASE_URL: url })).toMatchObject({ code: 0 })

  const storage = postgresStorage({ pool: new pg.Pool({ connectionString: url }), ownsPool: true })
  onTestFinished(() => storage.close())
  const store = await storage.openContext('Ordering')
  const first = store.epoch
  await commitTo(store, order('1'), 0, 3)
  const told = await dure('Ordering')
  expect(told).toMatchObject({ code: 0, err: '' })
  expect(told.out).toMatch(/^Ordering: a new epoch begins after position 3 [-0-9a-f]{36}\n$/)
  await storage.maintain()
  expect(store.epochs).toEqual([
    { epoch: first, began: 0 },
    { epoch: store.epoch, began: 3 },
  ])
  expect(told.out).toContain(store.epoch)

  const { contexts } = JSON.parse((await dure('--json')).out) as { contexts: object[] }
  await storage.maintain()
  expect(contexts).toEqual([
    { context: 'Ordering', ...store.epochs[2] },
    { context: 'Billing', epoch: expect.any(String) as string, began: 0 },
  ])
  expect((await dure('Nowhere')).err).toMatch(/has no context "Nowhere"; it has Ordering, Billing/)
  expect((await dure('--contract')).err).toMatch(/dure admin restored has no option --contract/)
  expect(await project.dure(['admin', 'migrate', 'Ordering'])).toMatchObject({ code: 2 })
})
