import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { shop } from '../../../test/fixtures/shop.ts'
import { cliProject, textOf, twoContexts } from '../../../test/fixtures/cli-project.ts'
import { streamNamed } from './events.ts'

describe('a stream', () => {
  it.each([
    ['Order/a', undefined, 'Ordering', 'Order', 'a'],
    ['Ordering/Order/a', undefined, 'Ordering', 'Order', 'a'],
    ['Stock/stock-1', 'Inventory', 'Inventory', 'Stock', 'stock-1'],
    ['Order/a/b', undefined, 'Ordering', 'Order', 'a/b'],
  ])('%s in %s', (stream, given, context, aggregate, id) => {
    expect(streamNamed(shop, stream, given, 't')).toEqual({ context, id: { tenant: 't', aggregate, id } })
  })

  it.each([
    ['Order', undefined, 'it has no id.'],
    ['Odrer/a', undefined, 'the system has no aggregate Odrer; did you mean Order?'],
    ['Order/a', 'Inventory', 'Inventory has no aggregate Order; did you mean Order?'],
  ])('is not %s in %s', (stream, given, problem) => {
    expect(() => streamNamed(shop, stream, given, '')).toThrow(problem)
  })
})

const running = {
  ...twoContexts,
  'src/main.ts': `import { run } from 'dure/run'
import { tiny } from './system.ts'
const envelope = { id: 'c1', actor: 'ann', tenant: '', correlation: 'c1' }
const { host } = await run(tiny)
const reply = await host.application.command({ context: 'Ordering', command: 'placeOrder', input: { total: 7 }, envelope })
console.log('placed', reply.id)
`,
}

it(
  'says what happened, from the embedded PostgreSQL, also while the program runs',
  { timeout: 120_000 },
  async () => {
    const project = cliProject(running)
    expect(await project.dure(['events', 'Order/a'])).toEqual({
      code: 1,
      out: '',
      err: 'Nothing has happened to Order a in Ordering.\n',
    })
    const program = project.start(['start'], { PORT: '0', HOME: project.folder })
    onTestFinished(() => void program.kill('SIGKILL'))
    const [out, err] = [textOf(program.stdout), textOf(program.stderr)]
    await vi.waitFor(() => expect(out() + err()).toMatch(/placed [\w-]+/), { timeout: 60_000 })
    const id = /placed ([\w-]+)/.exec(out())?.[1] ?? ''

    const ran = await project.dure(['events', `Order/${id}`])
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(ran.out).toMatch(/^ {3}1 {2}\S+Z {2}OrderPlaced by ann\n {6}\{"total":7\}\n$/)
    const json = await project.dure(['events', `Ordering/Order/${id}`, '--json'])
    expect(JSON.parse(json.out)).toMatchObject({ type: 'OrderPlaced', version: 1, data: { total: 7 } })

    program.kill('SIGTERM')
    await vi.waitFor(() => expect(program.exitCode).toBe(0), { timeout: 20_000 })
    await sleep(50)
    expect((await project.dure(['events', `Order/${id}`])).out).toBe(ran.out)
  },
)

describe('--check', () => {
  it.each([
    [['--check'], '--check goes with --upcast.'],
    [['--fold', 'Order/a'], '--fold goes with --check.'],
    [['--upcast', '--check', 'Order/a'], '--check reads every event, and takes no stream.'],
    [['--upcast', '--check', '--follow'], '--check reads every event, and takes no --follow.'],
    [['--upcast', '--check', '--tenant', 't'], '--check reads every event, and takes no --tenant.'],
    [['--upcast'], 'No stream is named.'],
  ])('is not %j', async (args, problem) => {
    const ran = await cliProject(twoContexts).dure(['events', ...args])
    expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringContaining(problem) as string })
  })

  it('fails where there is no store to read', async () => {
    const ran = await cliProject(twoContexts).dure(['events', '--upcast', '--check'])
    expect(ran).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('DURE_CLI_NO_STORE') as string,
    })
  })

  it('finds what no upcaster takes in a log that an older program wrote', { timeout: 120_000 }, async () => {
    const project = cliProject(running)
    const program = project.start(['start'], { PORT: '0', HOME: project.folder })
    onTestFinished(() => void program.kill('SIGKILL'))
    const [out, err] = [textOf(program.stdout), textOf(program.stderr)]
    await vi.waitFor(() => expect(out() + err()).toMatch(/placed [\w-]+/), { timeout: 60_000 })
    const stream = `Order/${/placed ([\w-]+)/.exec(out())?.[1] ?? ''}`
    await vi.waitFor(
      async () =>
        expect(await project.dure(['events', '--upcast', '--check', '--fold'])).toEqual({
          code: 0,
          out: 'Tiny: all can be read; 2 events in 2 contexts, 2 aggregates folded\n',
          err: '',
        }),
      { timeout: 20_000 },
    )
    program.kill('SIGTERM')
    await vi.waitFor(() => expect(program.exitCode).toBe(0), { timeout: 20_000 })

    const order = twoContexts['src/ordering/domain/order.ts'] as string
    const placed = "event('OrderPlaced', { total: z.int() })"
    const evolved = (to: string): void => {
      expect(order).toContain(placed)
      project.write('src/ordering/domain/order.ts', order.replace(placed, to))
    }
    evolved(`${placed}.from(2, {}, () => ({ total: 0 }))`)
    const failed = await project.dure(['events', '--upcast', '--check', '--json'])
    expect(failed).toMatchObject({ code: 1, err: '' })
    expect(JSON.parse(failed.out)).toMatchObject({
      contexts: [
        { context: 'Ordering', events: 1 },
        { context: 'Billing', events: 1 },
      ],
      failing: 1,
      groups: [
        { context: 'Ordering', type: 'OrderPlaced', schema: 1, code: 'DURE_EVENT_VERSION_UNKNOWN', count: 1 },
      ],
    })
    const one = await project.dure(['events', stream, '--upcast'])
    expect(one).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('DURE_EVENT_VERSION_UNKNOWN') as string,
    })

    evolved(`${placed}.from(1, { total: z.int() }, (old) => ({ total: old.total * 100 }))`)
    expect((await project.dure(['events', '--upcast', '--check'])).code).toBe(0)
    const read = await project.dure(['events', stream, '--upcast'])
    expect(read.out).toMatch(/OrderPlaced v2 by ann, stored as OrderPlaced\n {6}\{"total":700\}\n$/)
    const stored = await project.dure(['events', stream])
    expect(stored.out).toMatch(/OrderPlaced by ann\n {6}\{"total":7\}\n$/)
  })
})
