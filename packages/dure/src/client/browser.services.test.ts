import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { aggregate, context, event, handle, system } from 'dure'
import { createHost, systemWorld, type Application } from 'dure/host'
import { createHttp } from 'dure/http'
import { memoryStorage } from 'dure/memory'
import { bundleOf } from '../../test/fixtures/bundle.ts'
import { openInBrowser } from '../../test/fixtures/browser.ts'
import { Length, Survey } from '../../test/fixtures/page-contracts.ts'

const contracts = join(import.meta.dirname, '../../test/fixtures/page-contracts.ts')
const client = join(import.meta.dirname, 'index.ts')

const Recorded = event('Recorded', { length: Length })
const Plot = aggregate('Plot', {
  state: { length: Length },
  events: { Recorded },
  rejections: { TooLong: { most: Length } },
})
  .starts({ Recorded: (e) => e })
  .factory('record', { length: Length }, ({ length }, { emit, reject }) =>
    length.metres > 50 ? reject('TooLong', { most: new Length({ metres: 50 }) }) : emit.Recorded({ length }),
  )

/** What the page does, and what it tells the test afterwards. */
const page = `
import { createClient, isDureError } from '${client}'
import { Length, Survey } from '${contracts}'

const client = createClient({ token: () => 'secret', retry: { pauseMs: 10 } })
const code = (work) => work.then((it) => it, (error) => (isDureError(error) ? error.code : String(error)))
const length = new Length({ metres: 10 })
const since = new Date('2026-01-01T00:00:00Z')

const plot = await client.ask(Survey.queries.plot, { id: 'p-1', since })
const record = (id, length) => client.tell(Survey.commands.record, { id, length, photo: new Uint8Array([1, 2, 255]) })
const hangUp = new AbortController()
setTimeout(() => hangUp.abort(), 50)
const told = {
  dates: plot.at instanceof Date && plot.at.toISOString(),
  area: typeof plot.area === 'bigint' && String(plot.area),
  feet: plot.length.feet,
  all: await client.ask(Survey.queries.all, {}),
  accepted: await record('p-2', length),
  rejected: await record('p-3', length.with({ metres: 51 })),
  wrong: await code(client.ask(Survey.queries.plot, { id: 1, since })),
  cancelled: await code(client.ask(Survey.queries.plot, { id: 'never', since }, { signal: hangUp.signal })),
  late: await code(client.ask(Survey.queries.plot, { id: 'never', since }, { deadline: new Date(Date.now() + 50) })),
  node: typeof process,
}
await fetch('/told', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(told) })
`

it('speaks to a system from a page in Chromium', { timeout: 30_000 }, async () => {
  const seen: { query?: object; photo?: Uint8Array; left: boolean } = { left: false }
  let stumbles = 1
  const survey = context(Survey, [Plot]).implements({
    commands: {
      record: handle(Plot.commands.record, (input) => {
        seen.photo = input.photo
        return { id: input.id, length: input.length }
      }),
    },
    queries: {
      async plot(input, reading) {
        if (input.id === 'never') {
          await reading.ask(Survey.queries.all, {})
          return await new Promise<never>(() => undefined)
        }
        seen.query = input
        const at = new Date('2026-03-01T09:00:00Z')
        return { id: input.id, at, area: 123456789012345678901n, length: new Length({ metres: 10 }) }
      },
      all: () => [{ id: 'p-1' }],
    },
  })
  const land = system('Land', { contexts: [survey] })
  const host = await createHost(land, { storage: memoryStorage() })
  onTestFinished(() => host.close())
  const application: Application = {
    command: (call) => host.application.command(call),
    query(call) {
      call.signal?.addEventListener('abort', () => (seen.left = true))
      return host.application.query(call)
    },
  }
  const http = createHttp({ system: land, application, world: systemWorld })
  onTestFinished(async () => void (await http.close(0)))
  const { code } = await bundleOf(page)
  const tokens = new Set<string | undefined>()
  const told = new Promise((resolve) => {
    http.server.post('/told', (request, reply) => {
      resolve(request.body)
      void reply.send({})
    })
  })
  http.server.get('/', (_, reply) =>
    reply.type('text/html').send('<script type="module" src="/page.js"></script>'),
  )
  http.server.get('/page.js', (_, reply) => reply.type('text/javascript').send(code))
  http.server.addHook('onRequest', async (request, reply) => {
    if (!/^\/[cq]\//.test(request.url)) return
    tokens.add(request.headers.authorization)
    // The first call meets a server that is busy.
    if (stumbles-- > 0)
      await reply.code(503).header('retry-after', '0').type('application/problem+json').send('{"code":"X"}')
  })
  const { port } = await http.listen({ port: 0 })
  await openInBrowser(`http://127.0.0.1:${port}/`)

  expect(await told).toEqual({
    dates: '2026-03-01T09:00:00.000Z',
    area: '123456789012345678901',
    feet: 32.8,
    all: [{ id: 'p-1' }],
    accepted: {
      ok: true,
      id: 'p-2',
      version: 1,
      token: expect.any(String) as string,
      events: [],
      created: true,
    },
    rejected: { ok: false, rejected: 'TooLong', data: { most: { metres: 50 } } },
    wrong: 'DURE_COMMAND_INVALID',
    cancelled: 'DURE_CALL_CANCELLED',
    late: 'DURE_REMOTE_TIMEOUT',
    node: 'undefined',
  })
  expect(seen.query).toEqual({ id: 'p-1', since: new Date('2026-01-01T00:00:00Z') })
  expect([...(seen.photo ?? [])]).toEqual([1, 2, 255])
  await expect.poll(() => seen.left).toBe(true)
  expect([...tokens]).toEqual(['Bearer secret'])
})
