import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { cliProject, textOf, twoContexts } from '../../../test/fixtures/cli-project.ts'

const patience = { timeout: 60_000, interval: 50 }

const files = {
  ...twoContexts,
  'src/main.ts': `import { run } from 'dure/run'
import { tiny } from './system.ts'
console.log('up', process.env.DURE_CONTEXTS, process.pid)
await run(tiny)
`,
}

const pidsOf = (text: string, context: string): readonly number[] =>
  Array.from(text.matchAll(new RegExp(`^${context} +\\| up ${context} (\\d+)$`, 'gm')), (it) => Number(it[1]))
const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

// It needs no server, but what it starts takes as long as one.
it('runs each context apart, behind one address, with one log, and stops all of them', async () => {
  const project = cliProject(files)
  const port = await freePort()
  const child = project.start(['dev', '--split'], { PORT: String(port) })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [out, err] = [textOf(child.stdout), textOf(child.stderr)]
  const says = (text: RegExp) => vi.waitFor(() => expect(out() + err()).toMatch(text), patience)
  await says(/Tiny in 2 processes, all of it on http/)
  await says(/^Ordering \| listening on/m)
  await says(/^Billing {2}\| listening on/m)

  const post = () =>
    fetch(`http://127.0.0.1:${port}/c/ordering/placeOrder`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"total":5}',
    })
  expect((await post()).status).toBe(201)
  expect((await fetch(`http://127.0.0.1:${port}/openapi.json`)).status).toBe(200)
  // Over the broker in the memory of dure dev, into the tables of the other context.
  const status = async () => (await project.dure(['status', '--json'])).out
  await vi.waitFor(async () => {
    const { contexts, processes } = JSON.parse(await status())
    expect(contexts[1].consumers).toMatchObject([{ source: 'Ordering', state: 'ok', through: 1, lag: 0 }])
    expect(processes.map((it: { contexts: unknown }) => it.contexts)).toEqual(
      expect.arrayContaining([['Ordering'], ['Billing']]),
    )
  }, patience)

  const [first] = pidsOf(out(), 'Ordering') as [number]
  process.kill(first, 'SIGKILL')
  await says(/Ordering was ended by SIGKILL; starting it again/)
  await vi.waitFor(async () => expect((await post()).status).toBe(201), patience)

  child.kill('SIGINT')
  expect((await once(child, 'exit'))[0]).toBe(0)
  const all = [...pidsOf(out(), 'Ordering'), ...pidsOf(out(), 'Billing')]
  expect(all).toHaveLength(3)
  expect(all.filter(lives)).toEqual([])
}, 180_000)

it('says that the port is taken, and leaves nothing running', async () => {
  const project = cliProject(files)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const ran = await project.dure(['dev', '--split'], { PORT: String(port) })
  expect(ran).toMatchObject({ code: 1, out: '', err: expect.stringContaining('DURE_PORT_IN_USE') as unknown })
}, 120_000)
