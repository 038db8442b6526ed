import { describe, expect, test } from 'vitest'
import { testWorld } from './test-world.ts'

const draw = (seed: number) => {
  const world = testWorld({ seed })
  return Array.from({ length: 100 }, () => world.random())
}

describe('testWorld', () => {
  test('stands still until it is moved', () => {
    const world = testWorld({ now: '2026-05-01T00:00:00Z' })
    expect(world.now()).toEqual(new Date('2026-05-01T00:00:00Z'))
    world.advance(1000)
    expect(world.now()).toEqual(new Date('2026-05-01T00:00:01Z'))
    world.set('2026-01-01T00:00:00Z')
    expect(world.now()).toEqual(new Date('2026-01-01T00:00:00Z'))
  })

  test('ids are counted, in order, and of the form of UUID version 7', () => {
    const world = testWorld({ ids: ['a'] })
    const ids = [world.newId(), world.newId(), world.newId()]
    expect(ids[0]).toBe('a')
    expect(ids[1]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(String(ids[1]) < String(ids[2])).toBe(true)
    world.advance(1)
    expect(String(ids[2]) < world.newId()).toBe(true)
  })

  test('chance is the same for the same seed', () => {
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
    expect(draw(7).every((it) => it >= 0 && it < 1)).toBe(true)
  })

  test('timers run when the clock passes them, in order, also those that timers set', () => {
    const world = testWorld()
    const start = world.now().getTime()
    const seen: string[] = []
    const note = (name: string) => () => void seen.push(`${name}@${world.now().getTime() - start}`)
    world.after(20, note('b'))
    world.after(10, () => {
      note('a')()
      world.after(5, note('a2'))
    })
    const cancel = world.after(15, note('never'))
    cancel()
    world.after(1000, note('later'))
    world.advance(30)
    expect(seen).toEqual(['a@10', 'a2@15', 'b@20'])
    expect(world.now().getTime() - start).toBe(30)
  })
})
