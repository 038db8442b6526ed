import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { cliProject, twoContexts, type CliProject } from '../../../test/fixtures/cli-project.ts'
import { embeddedStorage } from '../../adapters/embedded/index.ts'
import { append, order, unit } from '../../testing/conformance/harness.ts'

describe('dure admin log', () => {
  it.each([
    [['log'], 'There is no dure admin log.'],
    [['log', 'drop'], 'There is no dure admin log drop.'],
    [['log', 'archive', '--to', 'x'], 'It is not said how old events have to be.'],
    [['log', 'archive', '--before', '90d'], 'It is not said which folder takes the files.'],
    [['log', 'archive', '--before', '90', '--to', 'x'], '"90" is neither a number of days'],
    [['log', 'archive', '--before', '2025-02-31T', '--to', 'x'], '"2025-02-31T" is neither'],
    [['log', 'archive', '--before', '7d', '--to', 'x'], 'Events of the last 30 days stay in the log.'],
    [['log', 'archive', '--before', '90d', '--to', 'x', '--from', 'y'], 'has no option --from'],
    [['log', 'archive', 'Nowhere', '--before', '90d', '--to', 'x'], 'has no context "Nowhere"'],
    [['log', 'restore'], 'It is not said which folder has the files.'],
    [['log', 'restore', '--from', 'x', '--contract'], 'has no option --contract'],
    [['migrate', '--to', 'x'], 'dure admin migrate has no option --to.'],
    [['restored', '--dry-run'], 'dure admin restored has no option --dry-run.'],
  ])('is not %j', async (args, problem) => {
    const ran = await cliProject(twoContexts).dure(['admin', ...args])
    expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringContaining(problem) as string })
  })
})

/** A store of the program with ten positions a part and an order that was placed, changed and ended a year ago. */
async function withOldOrders(project: CliProject): Promise<(text: string) => Promise<unknown[]>> {
  const directory = join(project.folder, '.dure/postgres')
  mkdirSync(directory, { recursive: true })
  const at = new Date(Date.now() - 365 * 86_400_000)
  const sql = async (text: string): Promise<unknown[]> => {
    const server = await embeddedStorage({ directory })
    const client = new pg.Client(server.connection)
    try {
      await client.connect()
      return (await client.query<Record<string, unknown>>(text)).rows
    } finally {
      await client.end()
      await server.close()
    }
  }
  const made = await embeddedStorage({ directory })
  await made.openContext('Ordering')
  await made.openContext('Billing')
  await made.close()
  await sql('update ordering.meta set partition_size = 10; drop table ordering.events_0, ordering.events_1')
  const storage = await embeddedStorage({ directory })
  const store = await storage.openContext('Ordering')
  await store.commit(unit([{ ...append(order('1'), 0, 6), ends: true }], { at }))
  for (let n = 0; n < 6; n++) await store.commit(unit([append(order('2'), n)], { at }))
  await storage.close()
  return sql
}

it('shows, archives and brings back what is old', { timeout: 120_000 }, async () => {
  const project = cliProject(twoContexts)
  const sql = await withOldOrders(project)
  const before = await sql('select * from ordering.events order by position')
  const archive = ['admin', 'log', 'archive', '--before', '90d', '--to', 'old']

  const early = await project.dure([...archive, '--yes'])
  expect(early).toMatchObject({ code: 0, err: '' })
  expect(early.out).toMatch(
    /Ordering {2}positions 0 to 9, 9 events {2}followed: Billing policy:.* has not begun/,
  )

  await sql(`insert into billing.cursors (consumer, source, epoch, through)
    select 'policy:send a bill when something is owed', 'Ordering', epoch, 9 from ordering.epochs`)
  const dry = await project.dure([...archive, '--dry-run', '--json'])
  expect(JSON.parse(dry.out)).toMatchObject({
    contexts: [
      {
        context: 'Ordering',
        parts: [{ from: 0, to: 9, standing: 'ready', events: 9, spare: 6 }],
        archived: [],
      },
      { context: 'Billing', parts: [], archived: [] },
    ],
  })
  const unsure = await project.dure(archive)
  expect(unsure).toMatchObject({ code: 1, err: expect.stringContaining('DURE_CLI_CONFIRM') as string })
  expect(await sql('select * from ordering.events order by position')).toEqual(before)

  const done = await project.dure([...archive, 'Ordering', '--yes'])
  expect(done).toMatchObject({ code: 0, err: '' })
  expect(done.out).toMatch(/archived Ordering: 6 events, Ordering-.*-0-9\.jsonl\.gz\n$/)
  expect(await sql('select distinct id from ordering.events')).toEqual([{ id: '2' }])
  const [file = '', manifest = ''] = readdirSync(join(project.folder, 'old')).toSorted()
  expect(JSON.parse(readFileSync(join(project.folder, 'old', manifest), 'utf8'))).toMatchObject({
    format: 1,
    system: 'Tiny',
    context: 'Ordering',
    file,
    from: 0,
    to: 9,
    events: 6,
  })

  const nowhere = await project.dure(['admin', 'log', 'restore', '--from', 'nowhere'])
  expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('DURE_ARCHIVE_FAILED') as string })
  const whole = readFileSync(join(project.folder, 'old', file))
  writeFileSync(join(project.folder, 'old', file), whole.subarray(0, -9))
  const cut = await project.dure(['admin', 'log', 'restore', '--from', 'old'])
  expect(cut).toMatchObject({ code: 1, err: expect.stringContaining('is not as it was written') as string })
  writeFileSync(join(project.folder, 'old', file), whole)
  const back = await project.dure(['admin', 'log', 'restore', '--from', 'old'])
  expect(back).toMatchObject({ code: 0, err: '' })
  expect(back.out).toMatch(/restored Ordering: 6 events, .*\nBilling: nothing is archived\n/)
  expect(await sql('select * from ordering.events order by position')).toEqual(before)
})
