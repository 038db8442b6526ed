import { admin } from './commands/admin.ts'
import type { Command } from './command.ts'
import { check } from './commands/check.ts'
import { dev } from './commands/dev.ts'
import { events } from './commands/events.ts'
import { explain } from './commands/explain.ts'
import { migrate } from './commands/migrate.ts'
import { model } from './commands/model.ts'
import { parked } from './commands/parked.ts'
import { start } from './commands/start.ts'
import { status } from './commands/status.ts'

/** In the order of the help. */
export const commands: readonly Command[] = [
  dev,
  start,
  check,
  model,
  events,
  status,
  parked,
  migrate,
  admin,
  explain,
]
