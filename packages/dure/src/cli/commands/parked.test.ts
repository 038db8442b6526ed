import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { cliProject, textOf, twoContexts } from '../../../test/fixtures/cli-project.ts'

describe('dure parked', () => {
  it.each([
    [[], 'It is not said what to do.'],
    [['forget'], 'There is no dure parked forget.'],
    [['list', '--yes'], '--yes goes with drop.'],
    [['retry', 'Order/1', '--position', '3'], '--position goes with drop.'],
    [['drop'], 'It is not said which events to drop.'],
    [['drop', '/1'], '"/1" names no aggregate.'],
    [['list', '--context', 'Nowhere'], 'There is no context Nowhere.'],
  ])('is not %j', async (args, problem) => {
    const ran = await cliProject(twoContexts).dure(['parked', ...args])
    expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringContaining(problem) as string })
  })

  it('fails where there is no store to read', async () => {
    const ran = await cliProject(twoContexts).dure(['parked', 'list'])
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('DURE_CLI_NO_STORE') as string })
  })
})

const policy = 'policy:send a bill when something is owed'

/** A program that cannot send bills until there is a file for them, and places three orders. */
const failing = {
  ...twoContexts,
  'src/billing/app/send-bills.ts': (twoContexts['src/billing/app/send-bills.ts'] as string)
    .replace('import * as z', `import { existsSync } from 'node:fs'\nimport * as z`)
    .replace(
      '.do((e, _, { send }) => send({ total: e.total }))',
      `.do((e, _, { send }) => {
        if (!existsSync('mended-' + e.total)) throw new RangeError('no printer')
        return send({ total: e.total })
      })`,
    ),
  'src/main.ts': `import { run } from 'dure/run'
import { tiny } from './system.ts'
const { host } = await run(tiny)
for (const total of [7, 8, 9]) {
  const envelope = { id: 'c' + total, actor: 'ann', tenant: '', correlation: 'c1', key: 'k' + total }
  const reply = await host.application.command({ context: 'Ordering', command: 'placeOrder', input: { total }, envelope })
  console.log('placed', total, reply.id)
}
await host.settled()
console.log('settled')
`,
}

it(
  'shows, tries again and drops what is parked, beside the program and without it',
  { timeout: 120_000 },
  async () => {
    const project = cliProject(failing)
    const begin = async () => {
      const program = project.start(['start'], { PORT: '0', HOME: project.folder })
      onTestFinished(() => void program.kill('SIGKILL'))
      const [out, err] = [textOf(program.stdout), textOf(program.stderr)]
      await vi.waitFor(() => expect(out() + err()).toMatch(/settled/), { timeout: 60_000 })
      return { program, out }
    }
    const end = async ({ program }: Awaited<ReturnType<typeof begin>>) => {
      program.kill('SIGTERM')
      await vi.waitFor(() => expect(program.exitCode).toBe(0), { timeout: 20_000 })
    }
    const running = await begin()
    const [seven = '', eight = '', nine = ''] = [...running.out().matchAll(/placed \d ([\w-]+)/g)].map(
      (it) => it[1],
    )

    const list = await project.dure(['parked', 'list'])
    expect(list).toMatchObject({ code: 0, err: '' })
    expect(list.out).toContain(`Billing ${policy}, events of Ordering\n  Order/${seven}  1 event since`)
    expect(list.out).toContain('DURE_PARKED_FAILED no printer')
    const json = JSON.parse((await project.dure(['parked', 'list', '--json'])).out) as {
      id: string
      nextTry: string
    }[]
    expect(json.map((it) => it.id)).toEqual([seven, eight, nine])
    expect(json[0]).toMatchObject({
      context: 'Billing',
      consumer: policy,
      source: 'Ordering',
      count: 1,
      retry: false,
    })
    expect(JSON.parse((await project.dure(['parked', 'list', 'Bill', '--json'])).out)).toEqual([])

    const show = await project.dure(['parked', 'show', `Order/${eight}`])
    expect(show).toMatchObject({ code: 0, err: '' })
    expect(show.out).toMatch(/1 {2}OrderPlaced position \d+, \S+Z\n {8}\{"total":8\}\n/)
    expect(show.out).toContain('A policy, a view, a translator or a publication threw on an event.')
    expect((await project.dure(['parked', 'show', 'Order/nobody'])).code).toBe(1)

    const still = await project.dure(['parked', 'retry', `Ordering/Order/${seven}`])
    expect(still).toMatchObject({
      code: 1,
      out: expect.stringContaining('1 aggregate still parked:') as string,
    })
    expect(still.out).toMatch(/tried [2-4] times/)

    const unsaid = await project.dure(['parked', 'drop', `Order/${nine}`])
    expect(unsaid).toMatchObject({ code: 1, err: expect.stringContaining('DURE_CLI_CONFIRM') as string })
    const dropped = await project.dure(['parked', 'drop', `Order/${nine}`, '--yes'])
    expect(dropped).toMatchObject({ code: 0, err: '' })
    expect(dropped.out).toMatch(
      new RegExp(`^dropped Billing ${policy}: event \\d+ of Order/${nine} never handled\\n$`),
    )
    expect((await project.dure(['parked', 'drop', `Order/${nine}`, '--yes'])).code).toBe(1)

    project.write('mended-7', '')
    const mended = await project.dure(['parked', 'retry', `Order/${seven}`, '--consumer', policy])
    expect(mended).toMatchObject({ code: 0, out: '1 aggregate handled.\n' })
    await end(running)

    const later = await project.dure(['parked', 'retry', '--json'])
    const told = JSON.parse(later.out) as { waiting: { id: string }[] }
    expect([later.code, told.waiting.map((it) => it.id)]).toEqual([0, [eight]])
    project.write('mended-8', '')
    await end(await begin())
    expect((await project.dure(['parked', 'list'])).out).toBe('Nothing is parked.\n')
  },
)
