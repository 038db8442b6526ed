import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { transportConformance } from '../../../testing/conformance/index.ts'
import { memoryTransport, type MemoryTransport } from '../memory-transport.ts'
import { shareTransport, type SharedTransport } from './broker.ts'
import { sharedTransport } from './shared-transport.ts'

const folder = mkdtempSync(join(tmpdir(), 'dure-'))
const shared: SharedTransport[] = []
let count = 0
afterAll(async () => {
  await Promise.all(shared.map((it) => it.close()))
  rmSync(folder, { recursive: true })
})

async function opened(broker: MemoryTransport): Promise<string> {
  const path = join(folder, `${++count}`)
  shared.push(await shareTransport(broker, path))
  return path
}

describe('transport conformance', () => {
  let broker: MemoryTransport
  transportConformance(
    {
      name: 'memory of another process',
      open: async () => sharedTransport(await opened((broker = memoryTransport()))),
      broker: {
        stop: async () => broker.away(true),
        start: async () => broker.away(false),
        wipe: async () => broker.wipe(),
      },
    },
    it,
  )
})

it('says that the parent is away, and finds it again', async () => {
  const path = join(folder, 'again')
  const transport = sharedTransport(path)
  const away = { code: 'DURE_TRANSPORT_UNAVAILABLE' }
  await expect(transport.ping()).rejects.toMatchObject(away)
  const first = await shareTransport(memoryTransport(), path)
  const topic = await transport.openTopic('Shop', 2)
  const reader = await topic.read('end')
  const waiting = reader.next()
  await first.close()
  await expect(waiting).rejects.toMatchObject(away)
  await expect(topic.last()).rejects.toMatchObject(away)
  shared.push(await shareTransport(memoryTransport(), path))
  expect(await topic.last()).toEqual([])
  await transport.close()
})
