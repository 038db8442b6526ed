import type { Application } from '../app/calls.ts'
import type { PublishedLog } from '../app/published-log.ts'

/** What speaks to the processes in which other contexts run. */
export interface Remote {
  /** Carries calls to them. */
  readonly calls?: Application
  /** What a context elsewhere serves of its log; undefined where nobody is known to ask. */
  log(context: string): PublishedLog | undefined
}
