import { exits, type Given, type Surroundings } from '../command.ts'
import type { PlannedStep } from '../../migration/migration.ts'
import { confirm } from './confirm.ts'
import { migrating } from './migrating.ts'
import { endProgress, progressLine, stepText } from './told.ts'

/** Makes what is missing: `dure migrate apply` and `dure admin migrate`. */
export function applyMigration(given: Given, around: Surroundings): Promise<number> {
  const { options } = given
  const [json, contract] = [options['json'] === true, options['contract'] === true]
  const terminal = !json && process.stderr.isTTY
  return migrating(given, around, async (migration, system) => {
    const planned = await migration.plan()
    if (contract)
      await confirm(
        planned.filter((it) => it.destroys),
        options['yes'] === true,
      )
    const steps: PlannedStep[] = []
    await migration.apply({
      contract,
      onStep(step) {
        endProgress(around, terminal)
        steps.push(step)
        if (!json) around.out(stepText(step, around.paint))
      },
      onProgress: (_, progress) => progressLine(around, terminal)(progress),
    })
    endProgress(around, terminal)
    const left = (await migration.plan()).filter((it) => contract || !it.last)
    const waiting = contract ? [] : (await migration.plan()).filter((it) => it.last)
    if (json) around.out(`${JSON.stringify({ system, steps, left, waiting }, null, 2)}\n`)
    else around.out(summary(system, steps.length, waiting.length, around))
    return left.length === 0 ? exits.ok : exits.failed
  })
}

function summary(system: string, made: number, waiting: number, { paint }: Surroundings): string {
  const done = made === 0 ? 'nothing to do' : `${made} step${made === 1 ? '' : 's'} made`
  const rest =
    waiting === 0
      ? ''
      : paint('gray', `; ${waiting} to make once no older release runs (dure migrate apply --contract)`)
  return `${system}: ${paint('green', done)}${rest}\n`
}
