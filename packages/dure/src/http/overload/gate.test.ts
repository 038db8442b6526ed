import { testWorld } from 'dure/testing'
import { expect, test } from 'vitest'
import { Gate } from './gate.ts'
import { RateLimit } from './rate-limit.ts'

test('so many work, so many wait in order, the rest is turned away', () => {
  const gate = new Gate({ limit: 2, queue: 2 }, testWorld())
  const turns: string[] = []
  expect([gate.enter(), gate.enter(), gate.enter()]).toEqual([true, true, false])
  const first = gate.wait((entered) => turns.push(`first ${entered}`))
  const second = gate.wait((entered) => turns.push(`second ${entered}`))
  expect([first, second, gate.wait(() => undefined)]).toEqual([
    expect.any(Object),
    expect.any(Object),
    undefined,
  ])
  gate.leave()
  expect(turns).toEqual(['first true'])
  expect([gate.working, gate.waiting]).toEqual([2, 1])
  gate.leave()
  gate.leave()
  gate.leave()
  expect(turns).toEqual(['first true', 'second true'])
  expect([gate.working, gate.waiting, gate.enter()]).toEqual([0, 0, true])
})

test('nobody overtakes who waits, and who has gone gets no turn', () => {
  const gate = new Gate({ limit: 1, queue: 5 }, testWorld())
  const turns: number[] = []
  gate.enter()
  const places = [0, 1, 2].map((i) => gate.wait(() => turns.push(i)))
  gate.giveUp(places[0] as never)
  gate.leave()
  expect(gate.enter()).toBe(false)
  expect(turns).toEqual([1])
  gate.leave()
  expect(turns).toEqual([1, 2])
})

test('who has waited too long is turned away, though nothing that works ever ends', () => {
  const world = testWorld()
  const gate = new Gate({ limit: 1, queue: 5, waitMs: 1000 }, world)
  const turns: boolean[] = []
  gate.enter()
  gate.wait((entered) => turns.push(entered))
  world.advance(500)
  gate.wait((entered) => turns.push(entered))
  world.advance(600)
  expect([turns, gate.waiting]).toEqual([[false], 1])
  world.advance(500)
  expect([turns, gate.waiting, gate.working]).toEqual([[false, false], 0, 1])
})

test('a process whose timers come late lets nobody wait', () => {
  let now = 0
  const timers: (() => void)[] = []
  const world = {
    ...testWorld(),
    now: () => new Date(now),
    after: (_: number, run: () => void) => (timers.push(run), () => undefined),
  }
  const gate = new Gate({ limit: 1, queue: 5 }, world)
  gate.enter()
  now = 1000
  timers.shift()?.()
  expect([gate.late, gate.wait(() => undefined)]).toEqual([true, undefined])
  now += 50
  timers.shift()?.()
  expect([gate.late, gate.wait(() => undefined)]).toEqual([false, expect.any(Object)])
})

test('many turns keep their order and leave nothing behind', () => {
  const gate = new Gate({ limit: 3, queue: 10_000 }, testWorld())
  const turns: number[] = []
  for (let i = 0; i < 3; i++) gate.enter()
  for (let i = 0; i < 5000; i++) gate.wait(() => turns.push(i))
  for (let i = 0; i < 5003; i++) gate.leave()
  expect(turns).toEqual(Array.from({ length: 5000 }, (_, i) => i))
  expect([gate.working, gate.waiting]).toEqual([0, 0])
})

test('a tenant has so many requests a second, whoever of it asks, and takes none of others', () => {
  const world = testWorld()
  const limit = new RateLimit(2, world)
  const of = (tenant: string, actor = 'anonymous') => limit.take({ tenant, actor }, '::1')
  const limited = expect.objectContaining({
    code: 'DURE_HTTP_RATE_LIMITED',
    details: { perSecond: 2, retryAfterSeconds: 1 },
  })
  of('a', 'bora')
  of('a', 'jun')
  expect(() => of('a')).toThrow(limited)
  of('b')
  of('', 'bora')
  world.advance(499)
  expect(() => of('a')).toThrow(limited)
  world.advance(1)
  of('a')
  expect(() => of('a')).toThrow(limited)
  world.advance(60_000)
  of('a')
  of('a')
  expect(() => of('a')).toThrow(limited)
})

test('names that somebody makes up do not fill the memory', () => {
  const world = testWorld()
  const limit = new RateLimit(1, world)
  for (let i = 0; i < 30_000; i++) limit.take({ tenant: `t${i}`, actor: '' }, '')
  expect(() => limit.take({ tenant: 't29999', actor: '' }, '')).toThrow(
    expect.objectContaining({ code: 'DURE_HTTP_RATE_LIMITED' }),
  )
})
