export { postgresStorage, type PostgresStorageOptions } from './postgres-storage.ts'
export type { PgClient, PgPool, PgQuery, PgResult } from './pg-pool.ts'
