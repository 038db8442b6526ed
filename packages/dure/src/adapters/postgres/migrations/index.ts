import { createLog } from './000001-create-log.ts'
import { keepState } from './000002-keep-state.ts'
import { followOthers } from './000003-follow-others.ts'
import type { Migration } from './migration.ts'

/** All migrations, by number. SQL is kept in TypeScript so that it is found from source and from dist alike. */
export const migrations: readonly Migration[] = [createLog, keepState, followOthers]
