import { runStatus, tasksIn, type TaskStatus } from '../../engine/jobs/status.ts'
import { TaskRows } from '../../engine/jobs/task-rows.ts'
import { systemWorld } from '../../host/system-world.ts'
import { exits, type Surroundings } from '../command.ts'
import { nameOf, type Named, type Opened } from './named.ts'
import { runText, taskText } from './told.ts'

/** Prints every job and poller, one after the other. */
export async function list(
  contexts: readonly Opened[],
  json: boolean,
  around: Surroundings,
): Promise<number> {
  const { out, paint } = around
  const all = (await Promise.all(contexts.map(statusesIn))).flat()
  if (json) out(`${JSON.stringify(all, null, 2)}\n`)
  else if (all.length === 0) out('The system has no jobs and no pollers.\n')
  else for (const it of all) out(taskText(it, paint))
  return exits.ok
}

function statusesIn({ definition, store }: Opened): Promise<readonly TaskStatus[]> {
  return tasksIn(definition, store, systemWorld)
}

/** Prints one, with the runs that are kept. */
export async function show(it: Named, json: boolean, { out, paint }: Surroundings): Promise<number> {
  const status = (await statusesIn(it)).find((its) => its.kind === it.kind && its.name === nameOf(it))
  const over = it.kind === 'job' ? await new TaskRows(it.store, systemWorld).runs(it.job.name) : []
  const runs = over.map(runStatus)
  if (json) out(`${JSON.stringify({ ...status, ...(it.kind === 'job' && { runs }) }, null, 2)}\n`)
  else if (status !== undefined) {
    out(taskText(status, paint))
    const open = status.kind === 'job' ? status.run : null
    for (const its of open === null ? runs : [open, ...runs]) out(runText(its, paint))
  }
  return exits.ok
}
