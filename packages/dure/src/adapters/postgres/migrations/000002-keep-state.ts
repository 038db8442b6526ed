import type { Migration } from './migration.ts'

/*
 * Why so:
 * - The primary key of `claims` is the rule of uniqueness itself; who holds a value is a column, so that taking one's own
 *   again is no conflict.
 * - `snapshots` has one row per stream, written again in place now and then, hence the room in its pages.
 * - `kept_tables` tells the tables that Dure has made for aggregates from those that others have put beside them: only
 *   what stands here is ever altered or dropped.
 */
export const keepState: Migration = {
  number: 2,
  name: 'keep state',
  sql: `
create table {schema}.claims (
  tenant text collate "C" not null,
  aggregate text collate "C" not null,
  name text collate "C" not null,
  value text collate "C" not null,
  id text collate "C" not null,
  primary key (tenant, aggregate, name, value)
) with (autovacuum_analyze_threshold = 1000);

create index claims_holder on {schema}.claims (tenant, aggregate, id);

create table {schema}.snapshots (
  tenant text collate "C" not null,
  aggregate text collate "C" not null,
  id text collate "C" not null,
  version int not null,
  shape text not null,
  state json not null,
  at timestamptz not null,
  primary key (tenant, aggregate, id)
) with (fillfactor = 70, autovacuum_analyze_threshold = 1000);

create table {schema}.kept_tables (
  name text collate "C" not null primary key,
  aggregate text collate "C" not null,
  made_at timestamptz not null
);
`,
}
