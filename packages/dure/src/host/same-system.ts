import type { LogLineage, PublishedLog } from '../app/published-log.ts'
import { fault } from '../kernel/errors/fault.ts'

/**
 * The log of a context elsewhere, refused where it is of another system: topics bear the name of the system, so its events
 * would never come, and nobody would be told.
 */
export function inSystem(system: string, context: string, log: PublishedLog): PublishedLog {
  return {
    read: (after, limit) => log.read(after, limit),
    find: (position) => log.find(position),
    settled: () => log.settled(),
    async lineage(): Promise<LogLineage> {
      const lineage = await log.lineage()
      const found = lineage.system
      if (found === undefined || found === system) return lineage
      throw fault('DURE_SYSTEM_OTHER', { context, expected: system, found })
    },
  }
}
