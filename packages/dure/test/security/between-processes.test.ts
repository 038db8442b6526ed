import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHost, systemWorld, type Host } from 'dure/host'
import { createHttp, type Http } from 'dure/http'
import { serviceTokens, type Key } from 'dure/identity'
import { memoryStorage } from 'dure/memory'
import { remoteContexts, type RemoteContexts, type RemoteOptions } from 'dure/remote'
import { codeOf } from '../fixtures/running.ts'
import { Desk, helpDesk, Reports } from '../fixtures/tickets.ts'

// Two processes of one system: Desk behind HTTP, and Reports, which asks it.

function pair(): { readonly key: Key; readonly public: Key } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { key: privateKey.export({ format: 'jwk' }), public: publicKey.export({ format: 'jwk' }) }
}

const reports = pair()
const desk = pair()
const closers: (() => Promise<unknown>)[] = []
let callee: Host
let http: Http
let url = ''
let ticket = ''
beforeAll(async () => {
  callee = await createHost(helpDesk, { storage: memoryStorage(), contexts: ['Desk'] })
  http = createHttp({
    system: helpDesk,
    application: callee.application,
    world: systemWorld,
    identity: serviceTokens({ peers: { Reports: reports.public, Desk: desk.public } }),
  })
  const { port } = await http.listen({ port: 0 })
  url = `http://127.0.0.1:${port}`
  ticket = (
    await callee.client({ actor: 'kim' }).insist(Desk.commands.open, { customer: 'kim', text: 'four' })
  ).id
  await callee.settled()
})
afterAll(async () => {
  for (const close of closers.toReversed()) await close()
  await http.close()
  await callee.close()
})

/** The process of Reports, with this key or none. */
async function caller(key?: Key): Promise<Host> {
  const signer = await (key && serviceTokens({ key, name: 'Reports', peers: {} }).signer(systemWorld))
  const identity: RemoteOptions['identity'] =
    signer && ((who, { context }) => signer.headersFor(context, who))
  const calls: RemoteContexts = await remoteContexts({
    urls: { Desk: url },
    world: systemWorld,
    ...(identity && { identity }),
  })
  const host = await createHost(helpDesk, {
    storage: memoryStorage(),
    contexts: ['Reports'],
    remote: { calls, log: () => undefined },
  })
  closers.push(
    () => host.close(),
    () => calls.close(),
  )
  return host
}

const id = (): never => ticket as never

test('a context asks another as itself, on behalf of whoever asked it', async () => {
  const host = await caller(reports.key)
  const [lee, clerk] = [host.client({ actor: 'lee' }), host.client({ actor: 'seo', roles: ['clerk'] })]
  // Any ticket for Reports; whose tickets, by the actor and the roles that came along.
  expect(await lee.ask(Reports.queries.lengthOf, { id: id() })).toEqual({ length: 4 })
  expect(await codeOf(lee.ask(Reports.queries.countOf, { customer: 'kim' }))).toBe('DURE_FORBIDDEN')
  expect(await clerk.ask(Reports.queries.countOf, { customer: 'kim' })).toMatchObject({ count: 1 })
})

test('a script of one process is trusted by the others', async () => {
  const host = await caller(reports.key)
  const script = host.client({ actor: 'import', trusted: true })
  expect(await script.tell(Desk.commands.close, { id: id() })).toMatchObject({ ok: true })
  expect(await codeOf(host.client({ actor: 'lee' }).tell(Desk.commands.close, { id: id() }))).toBe(
    'DURE_FORBIDDEN',
  )
})

test('who has no key, another one, or that of another context is nobody', async () => {
  const plain = await caller()
  expect(await codeOf(plain.client({ actor: 'lee' }).ask(Reports.queries.lengthOf, { id: id() }))).toBe(
    'DURE_UNAUTHENTICATED',
  )
  for (const key of [pair().key, desk.key]) {
    const host = await caller(key)
    expect(await codeOf(host.client({ actor: 'lee' }).ask(Reports.queries.lengthOf, { id: id() }))).toBe(
      'DURE_CREDENTIALS_REFUSED',
    )
  }
})
