import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { cliProject, textOf, twoContexts } from '../../../test/fixtures/cli-project.ts'
import { createDatabase, type TestDatabase } from '../../../test/fixtures/postgres-database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createDatabase({ connectionString: process.env['DURE_TEST_POSTGRES_URL'] })
})
afterAll(() => database.drop())

/** Two contexts, a job that takes how many bills to send, and one that cannot send the third. */
const files = {
  ...twoContexts,
  'src/billing/app/jobs.ts': `import * as z from 'zod'
import { daily, job } from 'dure'
import { Bill } from '../domain/bill.ts'
const page = (cursor: number | undefined, { run }: { run: { input: { count: number } } }) => {
  const n = (cursor ?? 0) + 1
  return { items: [n], next: n < run.input.count ? n : undefined, total: run.input.count }
}
export const sendSome = job('send some bills', { takes: { count: z.int() } })
  .reads(page, { key: String })
  .issues({ send: Bill.commands.send })
  .do((total, _, { send }) => send({ total }))
export const sendFive = job('send five bills', { on: daily('03:00', 'Asia/Seoul'), tries: 1 })
  .reads((cursor: number | undefined) => page(cursor, { run: { input: { count: 5 } } }), { key: String })
  .issues({ send: Bill.commands.send })
  .do((total, _, { send }) => {
    if (total === 3) throw new RangeError('no paper')
    return send({ total })
  })
`,
  'src/billing/billing.context.ts': (twoContexts['src/billing/billing.context.ts'] as string)
    .replace('import { Billing }', `import { sendFive, sendSome } from './app/jobs.ts'\nimport { Billing }`)
    .replace('[Bill, owed, sendBills]', '[Bill, owed, sendBills, sendSome, sendFive]'),
  'src/main.ts': `import { run } from 'dure/run'
import { tiny } from './system.ts'
await run(tiny)
console.log('running')
`,
}

it(
  'lists, runs, resumes and shows the jobs of a program, beside it and without it',
  { timeout: 60_000 },
  async () => {
    const project = cliProject(files)
    const env = { DATABASE_URL: database.config.connectionString as string, PORT: '0', HOME: project.folder }
    const dure = (...args: readonly string[]) => project.dure(['jobs', ...args], env)
    expect((await project.dure(['admin', 'migrate', '--yes'], env)).code).toBe(0)
    expect((await project.dure(['admin', 'migrate', '--yes'], env)).code).toBe(0)
    const program = project.start(['start'], env)
    onTestFinished(() => void program.kill('SIGKILL'))
    const [out, err] = [textOf(program.stdout), textOf(program.stderr)]
    await vi.waitFor(() => expect(out() + err()).toMatch(/running/), { timeout: 30_000 })

    const [list, wrong, unknown] = await Promise.all([
      dure('list'),
      dure('run', 'send some bills', '--input', '{"count":"many"}'),
      dure('show', 'send sum bills'),
    ])
    expect(list.err).toBe('')
    expect(list.out).toMatch(
      /^Billing job send some bills {2}idle {2}when asked for\nBilling job send five bills {2}idle {2}daily 03:00 Asia\/Seoul, next \S+T18:00:00.000Z\n$/,
    )
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('DURE_COMMAND_INVALID') as string })
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('"send some bills"') as string })

    const done = await dure('run', 'Billing/send some bills', '--input', '{"count":7}', '--wait')
    expect(done).toMatchObject({ code: 0, out: expect.stringMatching(/done {2}7 of 7 \(100 %\)/) as string })
    const failed = await dure('run', 'send five bills', '--wait', '--json')
    const told = JSON.parse(failed.out) as { run: string }
    expect(failed.code).toBe(1)
    expect(told).toMatchObject({ state: 'failed', done: 2, error: { code: 'DURE_JOB_FAILED', item: '3' } })

    const status = await project.dure(['status'], env)
    expect(status).toMatchObject({
      code: 1,
      out: expect.stringContaining('job send five bills  failed') as string,
    })

    expect(await dure('skip', 'send five bills', '--item', '3')).toMatchObject({ code: 0, err: '' })
    await vi.waitFor(
      async () => {
        const show = await dure('show', 'send five bills')
        expect(show.out).toContain(`  ${told.run}  done  5 of 5 (100 %)`)
      },
      { timeout: 10_000, interval: 300 },
    )

    program.kill('SIGTERM')
    await vi.waitFor(() => expect(program.exitCode).toBe(0), { timeout: 20_000 })
    const asked = JSON.parse((await dure('list', '--json')).out) as {
      name: string
      last: { state: string }
    }[]
    expect(asked.map((it) => [it.name, it.last.state])).toEqual([
      ['send some bills', 'done'],
      ['send five bills', 'done'],
    ])
    const cancelled = await dure('cancel', 'send some bills')
    expect(cancelled).toMatchObject({
      code: 1,
      err: expect.stringContaining('DURE_JOB_RUN_UNKNOWN') as string,
    })
  },
)
