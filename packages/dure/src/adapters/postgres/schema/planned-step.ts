import type { MigrationStep } from '../../../ports/migration.ts'

/** A step and how it is made. */
export interface PlannedStep extends MigrationStep {
  /** Statements that PostgreSQL does not make in a transaction, one after the other; absent: `sql`, in one. */
  readonly apart?: readonly string[]
}

export function expandStep(what: string, sql: string): PlannedStep {
  return { kind: 'expand', what, sql, destroys: false }
}

/** Without what is only for who makes it. */
export function toldOf({ kind, what, sql, destroys }: PlannedStep): MigrationStep {
  return { kind, what, sql, destroys }
}
