import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { cliProject, textOf, twoContexts } from '../../../test/fixtures/cli-project.ts'
import { embeddedStorage } from '../../adapters/embedded/index.ts'
import type { StoredEvent } from '../../ports/event-store.ts'
import type { SystemStatus } from '../status/gather.ts'

const policy = 'policy:send a bill when something is owed'

/** A program that cannot send a bill of 8, and places three orders. */
const failing = {
  ...twoContexts,
  'src/billing/app/send-bills.ts': (twoContexts['src/billing/app/send-bills.ts'] as string).replace(
    '.do((e, _, { send }) => send({ total: e.total }))',
    `.do((e, _, { send }) => {
      if (e.total === 8) throw new RangeError('no printer')
      return send({ total: e.total })
    })`,
  ),
  'src/main.ts': `import { run } from 'dure/run'
import { tiny } from './system.ts'
const { host } = await run(tiny)
for (const total of [7, 8, 9]) {
  const envelope = { id: 'c' + total, actor: 'ann', tenant: '', correlation: 'c1', key: 'k' + total }
  await host.application.command({ context: 'Ordering', command: 'placeOrder', input: { total }, envelope })
}
await host.settled()
console.log('settled')
`,
}

/** A server that takes connections and never says a word. */
async function silentPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

describe('dure status', { timeout: 120_000 }, () => {
  it('fails with a code where there is no store, and where it does not answer', async () => {
    const project = cliProject(twoContexts)
    const none = await project.dure(['status'])
    expect(none).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('DURE_CLI_NO_STORE') as string,
    })
    for (const port of [1, await silentPort()]) {
      const began = performance.now()
      const away = await project.dure(['status', '--json'], {
        DATABASE_URL: `postgres://127.0.0.1:${port}/x`,
      })
      expect(away).toMatchObject({ code: 1, out: '' })
      expect(away.err).toMatch(/^DURE_STORE_UNAVAILABLE The store postgres 127\.0\.0\.1/)
      expect(performance.now() - began).toBeLessThan(40_000)
    }
  })

  it('shows what is parked and what lags, beside the program and without it', async () => {
    const project = cliProject(failing)
    const program = project.start(['start'], { PORT: '0', HOME: project.folder })
    onTestFinished(() => void program.kill('SIGKILL'))
    const [out, err] = [textOf(program.stdout), textOf(program.stderr)]
    await vi.waitFor(() => expect(out() + err()).toMatch(/settled/), { timeout: 60_000 })

    const beside = await project.dure(['status'])
    expect(beside).toMatchObject({ code: 1, err: '' })
    expect(beside.out).toMatch(/^Tiny {2}store embedded \.dure\/postgres, no broker\n/)
    expect(beside.out).toMatch(/\nOrdering {2}settled 3, epoch \S+\n/)
    expect(beside.out).toMatch(new RegExp(`\\n {2}${policy} +Ordering +3 +0 +- +parked 1 aggregate\\n`))
    program.kill('SIGTERM')
    await vi.waitFor(() => expect(program.exitCode).toBe(0), { timeout: 30_000 })

    const directory = join(project.folder, '.dure/postgres')
    const storage = await embeddedStorage({ directory })
    const store = await storage.openContext('Ordering')
    const [event] = (await store.openLog(0).next(1)) as [StoredEvent]
    const { type, schema, data, meta, stream } = event
    const events = [{ type, schema, data }]
    const append = { stream: { ...stream, id: 'later' }, expected: 0, events, ends: false }
    await store.commit({ at: new Date(), meta, appends: [append] })
    await storage.close()

    const away = await project.dure(['status', '--json'], {
      NATS_URL: `nats://127.0.0.1:${await silentPort()}`,
    })
    expect(away).toMatchObject({ code: 1, err: '' })
    const status = JSON.parse(away.out) as SystemStatus
    expect(status).toMatchObject({
      well: false,
      broker: { error: { code: 'DURE_TRANSPORT_UNAVAILABLE' } },
      contexts: [{ context: 'Ordering', settled: 4, consumers: [], relay: null }, { context: 'Billing' }],
    })
    expect(status.contexts[1]?.consumers).toMatchObject([
      { consumer: policy, source: 'Ordering', state: 'parked', through: 3, lag: 1, parked: 1, held: 0 },
    ])
    expect(status.contexts[1]?.consumers[0]?.oldest?.position).toBe(4)
  })

  it('fails with a code where tables are missing, and makes none', async () => {
    const project = cliProject(twoContexts)
    await (await embeddedStorage({ directory: join(project.folder, '.dure/postgres') })).close()
    for (let i = 0; i < 2; i++) {
      const ran = await project.dure(['status'])
      expect(ran).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringContaining('DURE_STORE_UNMIGRATED') as string,
      })
    }
  })
})
