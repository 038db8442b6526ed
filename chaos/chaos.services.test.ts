import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Result } from './campaign.ts'
import { scheduleOf } from './schedule.ts'

const program = fileURLToPath(new URL('run.ts', import.meta.url))

/** As `npm run chaos` does it; its servers and workers end with it. */
async function chaos(...args: readonly string[]): Promise<Result & { readonly exitCode: number | null }> {
  const child = spawn(process.execPath, ['--conditions=@dure/source', program, '--json', ...args])
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  const [output, complaint, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  if (output === '') throw new Error(complaint)
  return { ...(JSON.parse(output) as Result), exitCode }
}

describe('a short run of chaos', () => {
  it('finds nothing', { timeout: 180_000 }, async () => {
    const { violations, exitCode, ...run } = await chaos('--minutes=0.15', '--seed=900001', '--workers=2')
    expect(violations).toEqual([])
    expect(exitCode).toBe(0)
    // The restore takes back 120 of them, and there were others.
    expect(run.answered).toBeGreaterThan(150)
    expect(run.faults).toBeGreaterThan(3)
  })

  it(
    'finds nothing where contexts are apart and restarted one after the other',
    { timeout: 240_000 },
    async () => {
      const { violations, exitCode, ...run } = await chaos(
        '--minutes=0.2',
        '--seed=900003',
        '--split',
        '--only=roll',
      )
      expect(violations).toEqual([])
      expect(exitCode).toBe(0)
      expect(run.answered).toBeGreaterThan(150)
      expect(run.faults).toBe(2)
    },
  )

  it('finds what was acknowledged too early', { timeout: 120_000 }, async () => {
    const plant = ['--plant=ack-before-commit', '--only=none'] as const
    const run = await chaos('--minutes=0.1', '--seed=900002', '--workers=2', ...plant)
    expect(run.violations.map((it) => it.check)).toContain('commands')
    expect(run.exitCode).toBe(1)
  })
})

/** What goes wrong in a minute. */
function faultsOf(seed: number): object {
  return scheduleOf({ seed, durationMs: 60_000, workers: 3, nats: true, split: false, only: undefined })
}

describe('the schedule of faults', () => {
  it('follows from the seed', () => {
    expect(faultsOf(7)).toEqual(faultsOf(7))
    expect(faultsOf(8)).not.toEqual(faultsOf(7))
  })
})
