import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { embeddedStorage, type EmbeddedStorage } from 'dure/embedded'
import { follow } from './how-to.ts'
import { allPages } from './markdown.ts'
import { scratch } from './scratch.ts'

let directory: string
let server: EmbeddedStorage
let databases = 0

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dure-how-to-'))
  server = await embeddedStorage({ directory })
}, 60_000)
afterAll(async () => {
  await server?.close()
  await rm(directory, { recursive: true, force: true })
})

const pages = allPages().filter(({ fences }) => fences.some(({ marks }) => marks.has('steps')))

test('there are how-tos to follow', () => {
  expect(pages.length).toBeGreaterThan(3)
})

test.each(pages.map((it) => [it.path, it] as const))(
  '%s works, step by step, and prints what it says',
  { timeout: 120_000 },
  async (_, page) => {
    using folder = scratch()
    for (const it of await follow(page.fences, folder, await freshDatabase())) {
      expect([it.at, it.found]).toEqual([it.at, it.expected])
    }
  },
)

async function freshDatabase(): Promise<string> {
  const { host, port, user, database } = server.connection
  const name = `how_to_${++databases}`
  const client = new pg.Client({ host, port, user, database, password: '', ssl: false })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  return `postgres://${user}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`
}
