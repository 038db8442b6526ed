import { createInterface } from 'node:readline/promises'
import { fault } from '../../kernel/errors/fault.ts'
import type { PlannedStep } from '../../migration/migration.ts'

/**
 * Asks before steps that destroy data.
 * @throws DURE_CLI_CONFIRM where nobody can be asked, or the answer is not yes
 */
export async function confirm(steps: readonly PlannedStep[], yes: boolean): Promise<void> {
  await confirmLoss(
    steps.map((it) => `${it.context}: ${it.what}`),
    yes,
  )
}

/**
 * Asks before something is lost for ever.
 * @throws DURE_CLI_CONFIRM where nobody can be asked, or the answer is not yes
 */
export async function confirmLoss(what: readonly string[], yes: boolean): Promise<void> {
  if (yes || what.length === 0) return
  if (!process.stdin.isTTY) throw fault('DURE_CLI_CONFIRM', { what })
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await asking.question(`This destroys data: ${what.join('; ')}. Type yes to go on: `)
    if (answer.trim() !== 'yes') throw fault('DURE_CLI_CONFIRM', { what })
  } finally {
    asking.close()
  }
}
