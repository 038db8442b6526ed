import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryStorage } from 'dure/memory'
import { createHost, type Host, type Speaker } from 'dure/host'
import type { Id } from 'dure'
import { Desk, helpDesk, Reports } from '../fixtures/tickets.ts'
import { codeOf } from '../fixtures/running.ts'

let host: Host
beforeAll(async () => {
  host = await createHost(helpDesk, { storage: memoryStorage() })
})
afterAll(() => host.close())

const kim: Speaker = { actor: 'kim' }
const lee: Speaker = { actor: 'lee' }
const clerk: Speaker = { actor: 'c', roles: ['other', 'clerk'] }
const auditor: Speaker = { actor: 'a', roles: ['auditor'] }
const nobody: Speaker = { actor: 'anonymous' }
const { open, comment, annotate, close, give, drop } = Desk.commands
const unused = '019a0000-0000-7000-8000-000000000000' as Id<'Ticket'>

async function ticketOf(customer: string, text = 'it is broken'): Promise<Id<'Ticket'>> {
  const { id } = await host.client({ actor: customer }).insist(open, { customer, text })
  return id as Id<'Ticket'>
}

async function failure(work: Promise<unknown>): Promise<{ code?: string; message?: string }> {
  const { code, message } = (await work.then(
    () => ({ code: 'none', message: '' }),
    (error: unknown) => error,
  )) as { code: string; message: string }
  return { code, message }
}

describe('a role', () => {
  test('lets in who has it', async () => {
    const id = await ticketOf('kim')
    expect(await host.client(clerk).tell(close, { id })).toMatchObject({ ok: true, version: 2 })
  })

  test('keeps everybody else out, told before anything is looked at', async () => {
    const id = await ticketOf('kim')
    expect(await codeOf(host.client(kim).tell(close, { id }))).toBe('DURE_FORBIDDEN')
    expect(await codeOf(host.client(kim).tell(close, { id: unused }))).toBe('DURE_FORBIDDEN')
    expect(await codeOf(host.client(kim).tell(close, { id: 7 } as never))).toBe('DURE_FORBIDDEN')
    expect(await codeOf(host.client(nobody).tell(close, { id }))).toBe('DURE_UNAUTHENTICATED')
  })

  test('of a context’s decision holds beside that of the aggregate', async () => {
    const id = await ticketOf('kim')
    expect(await host.client(clerk).tell(annotate, { id, text: 'x' })).toMatchObject({ ok: true })
    // The door lets auditors in, the aggregate does not; and the owner does not pass the door.
    expect(await codeOf(host.client(auditor).tell(annotate, { id, text: 'x' }))).toBe(
      'DURE_AGGREGATE_NOT_FOUND',
    )
    expect(await codeOf(host.client(kim).tell(annotate, { id, text: 'x' }))).toBe('DURE_FORBIDDEN')
  })
})

describe('the actor that the input names', () => {
  test('may create for itself, a clerk for anybody', async () => {
    await ticketOf('kim')
    expect(await host.client(clerk).tell(open, { customer: 'kim', text: 'x' })).toMatchObject({ ok: true })
    expect(await codeOf(host.client(lee).tell(open, { customer: 'kim', text: 'x' }))).toBe('DURE_FORBIDDEN')
    const forNobody = { customer: 'anonymous', text: 'x' }
    expect(await codeOf(host.client(nobody).tell(open, forNobody))).toBe('DURE_UNAUTHENTICATED')
  })

  test('may ask for its own', async () => {
    await ticketOf('kim')
    await host.settled()
    const all = await host.client(kim).ask(Desk.queries.tickets, { customer: 'kim' })
    expect(all.length).toBeGreaterThan(0)
    expect(await codeOf(host.client(lee).ask(Desk.queries.tickets, { customer: 'kim' }))).toBe(
      'DURE_FORBIDDEN',
    )
    expect(await codeOf(host.client(kim).ask(Desk.queries.tickets, {}))).toBe('DURE_FORBIDDEN')
    expect(await host.client(clerk).ask(Desk.queries.tickets, {})).not.toHaveLength(0)
  })
})

describe('an owner', () => {
  test('may, and to others the thing does not exist', async () => {
    const id = await ticketOf('kim')
    expect(await host.client(kim).tell(comment, { id, text: 'please' })).toMatchObject({ ok: true })
    const other = await failure(host.client(lee).tell(comment, { id, text: 'x' }))
    const none = await failure(host.client(lee).tell(comment, { id: unused, text: 'x' }))
    expect(other.code).toBe('DURE_AGGREGATE_NOT_FOUND')
    expect(other.message?.replace(id, '')).toBe(none.message?.replace(unused, ''))
  })

  test('is not given away by a version, an end or a decision', async () => {
    const id = await ticketOf('kim')
    const stale = host.client(lee).tell(comment, { id, text: 'x' }, { expectedVersion: 99 })
    expect(await codeOf(stale)).toBe('DURE_AGGREGATE_NOT_FOUND')
    await host.client(clerk).insist(close, { id })
    expect(await codeOf(host.client(lee).tell(comment, { id, text: 'x' }))).toBe('DURE_AGGREGATE_NOT_FOUND')
    expect(await host.client(kim).tell(comment, { id, text: 'x' })).toMatchObject({ rejected: 'IsClosed' })
    await host.client(kim).insist(drop, { id })
    expect(await codeOf(host.client(lee).tell(comment, { id, text: 'x' }))).toBe('DURE_AGGREGATE_NOT_FOUND')
    expect(await codeOf(host.client(clerk).tell(comment, { id, text: 'x' }))).toBe('DURE_AGGREGATE_ENDED')
  })

  test('of an answer gets it, and to others there is none', async () => {
    const id = await ticketOf('kim')
    expect(await host.client(kim).ask(Desk.queries.ticketById, { id })).toMatchObject({ customer: 'kim' })
    const other = await failure(host.client(lee).ask(Desk.queries.ticketById, { id }))
    const none = await failure(host.client(lee).ask(Desk.queries.ticketById, { id: unused }))
    expect(other.code).toBe('DURE_QUERY_NOTHING')
    expect(other).toEqual(none)
    expect(await codeOf(host.client(nobody).ask(Desk.queries.ticketById, { id }))).toBe(
      'DURE_UNAUTHENTICATED',
    )
  })

  test('in one tenant is a stranger in another', async () => {
    const id = await ticketOf('kim')
    const elsewhere = { actor: 'kim', tenant: 'acme', roles: ['clerk'] }
    expect(await codeOf(host.client(elsewhere).tell(comment, { id, text: 'x' }))).toBe(
      'DURE_AGGREGATE_NOT_FOUND',
    )
    expect(await codeOf(host.client(elsewhere).ask(Desk.queries.ticketById, { id }))).toBe(
      'DURE_QUERY_NOTHING',
    )
  })

  test('is asked for again when a key comes from somebody else', async () => {
    const id = await ticketOf('kim')
    const key = 'comment-once'
    const first = await host.client(kim).insist(comment, { id, text: 'x' }, { key })
    expect(await host.client(kim).insist(comment, { id, text: 'x' }, { key })).toEqual(first)
    expect(await codeOf(host.client(lee).tell(comment, { id, text: 'x' }, { key }))).toBe('DURE_KEY_REUSED')
  })
})

describe('a context', () => {
  test('is not asked by itself: its policies issue what they issue', async () => {
    const id = await ticketOf('kim', 'spam')
    await host.settled()
    expect(await host.client(kim).ask(Desk.queries.ticketById, { id })).toMatchObject({ closed: true })
  })

  test('asks another as itself, and for whom it was asked', async () => {
    const id = await ticketOf('kim')
    await host.settled()
    // Reports may see any ticket, whoever asks it; whose tickets are counted is up to Desk.
    expect(await host.client(lee).ask(Reports.queries.lengthOf, { id })).toEqual({ length: 12 })
    expect(await codeOf(host.client(lee).ask(Reports.queries.countOf, { customer: 'kim' }))).toBe(
      'DURE_FORBIDDEN',
    )
    expect(await host.client(clerk).ask(Reports.queries.countOf, { customer: 'kim' })).toMatchObject({
      roles: 'other,clerk',
    })
    expect(await codeOf(host.client(nobody).ask(Reports.queries.lengthOf, { id }))).toBe(
      'DURE_UNAUTHENTICATED',
    )
  })

  test('that a caller merely says it is, is believed of who makes the client only', async () => {
    const id = await ticketOf('kim')
    const asReports = { actor: 'service:Reports', service: 'Reports' }
    expect(await host.client(asReports).ask(Desk.queries.ticketById, { id })).toMatchObject({ closed: false })
    expect(await codeOf(host.client(asReports).tell(close, { id }))).toBe('DURE_FORBIDDEN')
    expect(await host.client({ actor: 'x', trusted: true }).tell(close, { id })).toMatchObject({ ok: true })
  })
})

test('what is for everyone asks nobody', async () => {
  expect(await host.client(nobody).ask(Desk.queries.hours, {})).toEqual({ open: '9 to 5' })
})

test('the owner is looked up anew where another process has changed it', async () => {
  const storage = memoryStorage()
  await using here = await createHost(helpDesk, { storage })
  await using there = await createHost(helpDesk, { storage })
  const tickets = await Promise.all(
    [1, 2].map(async () => (await here.client(kim).insist(open, { customer: 'kim', text: 'x' })).id),
  )
  const [one, other] = tickets as [Id<'Ticket'>, Id<'Ticket'>]
  for (const id of [one, other]) await there.client(clerk).insist(give, { id, to: 'lee' })
  // What is remembered here says kim still.
  expect(await here.client(lee).tell(comment, { id: one, text: 'mine' })).toMatchObject({ version: 3 })
  expect(await codeOf(here.client(kim).tell(comment, { id: other, text: 'x' }))).toBe(
    'DURE_AGGREGATE_NOT_FOUND',
  )
})
