import { admin } from './commands/admin.ts'
import type { Command } from './command.ts'
import { check } from './commands/check.ts'
import { config } from './commands/config.ts'
import { dev } from './commands/dev.ts'
import { events } from './commands/events.ts'
import { explain } from './commands/explain.ts'
import { jobs } from './commands/jobs.ts'
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
  config,
  model,
  events,
  status,
  parked,
  jobs,
  migrate,
  admin,
  explain,
]
