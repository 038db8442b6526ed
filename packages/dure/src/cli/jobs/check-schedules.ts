import { timetableOf } from '../../engine/jobs/timetable.ts'
import { isDureError } from '../../kernel/error.ts'
import type { Finding } from '../../model/check/finding.ts'
import type { System } from '../../model/system.ts'

/** Schedules of jobs that cannot be read or never come; the model itself knows no calendar. */
export function checkSchedules({ contexts }: System): readonly Finding[] {
  return contexts.flatMap(({ name: context, jobs }) =>
    jobs.flatMap(({ name, definition: { schedule } }): readonly Finding[] => {
      try {
        if (schedule !== undefined) timetableOf(name, schedule)
        return []
      } catch (error) {
        if (!isDureError(error, 'DURE_JOB_SCHEDULE')) throw error
        const { message, hint: fix } = error
        return [
          { code: 'DURE_JOB_SCHEDULE', level: 'error', where: `${context}, job "${name}"`, message, fix },
        ]
      }
    }),
  )
}
