import { describe, expect, it } from 'vitest'
import { schedule } from './schedule.mjs'

const step = (name, result, needs) => ({
  name,
  unit: 'files',
  needs,
  run: async () => ({ output: '', ...result }),
})
const passed = { ok: true, seen: 3 }
const run = async (steps, wanted) => {
  const outcomes = await schedule(steps, wanted, 2, () => {})
  return Object.fromEntries(outcomes.map((it) => [it.name, it.ok]))
}

describe('schedule', () => {
  it('brings the steps that a wanted step needs, and no others', async () => {
    const steps = [
      step('pack', passed, ['build']),
      step('build', passed, ['lock']),
      step('lock', passed),
      step('lint', passed),
    ]
    expect(await run(steps, ['pack'])).toEqual({ pack: true, build: true, lock: true })
  })

  it('fails a step that passed but read nothing', async () => {
    expect(await run([step('lint', { ok: true, seen: 0 })], ['lint'])).toEqual({ lint: false })
  })

  it('does not run a step whose need failed', async () => {
    const pack = { ...step('pack', passed, ['build']), run: () => expect.unreachable() }
    expect(await run([pack, step('build', { ok: false, seen: 0 })], ['pack'])).toEqual({
      pack: false,
      build: false,
    })
  })

  it('fails a step that throws, and runs the others', async () => {
    const broken = { ...step('lint', passed), run: async () => Promise.reject(new Error('no such file')) }
    expect(await run([broken, step('types', passed)], ['lint', 'types'])).toEqual({
      lint: false,
      types: true,
    })
  })

  it('runs at most as many at once as it may', async () => {
    let running = 0
    let most = 0
    const busy = (name) => ({
      ...step(name, passed),
      async run() {
        most = Math.max(most, ++running)
        await Promise.resolve()
        running--
        return { ...passed, output: '' }
      },
    })
    await run(['a', 'b', 'c', 'd'].map(busy), ['a', 'b', 'c', 'd'])
    expect(most).toBe(2)
  })
})
