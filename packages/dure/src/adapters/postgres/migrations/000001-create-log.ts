import type { Migration } from './migration.ts'

/*
 * Why so:
 * - Names are collated "C": indexes compare bytes, and no upgrade of the system's locales can put them out of order.
 * - `data` and `reply` are json, not jsonb: written without being taken apart, read back exactly as written.
 * - `streams` and the inbox are updated in place (HOT), hence the room in their pages. `previous` lets the statement that
 *   writes many streams compare each with the version its writer expected.
 * - Analyze waits for 1000 rows: a plan made from the statistics of a tiny table scans it, and a prepared statement
 *   keeps that plan while the table grows.
 * - `replies` is a ring of three weeks: this one, the last, and the one that is emptied before it comes round.
 * - `events` has no unique (stream, version) index, which would have to hold the position too: the version predicate on
 *   the stream's row decides, in the statement that draws the position.
 */
export const createLog: Migration = {
  number: 1,
  name: 'create log',
  sql: `
create table {schema}.meta (
  one boolean primary key default true check (one),
  context text not null,
  epoch uuid not null,
  origin text not null,
  partition_size bigint not null
);

create table {schema}.streams (
  tenant text collate "C" not null,
  aggregate text collate "C" not null,
  id text collate "C" not null,
  version int not null,
  previous int not null,
  slice smallint not null,
  ended boolean not null,
  primary key (tenant, aggregate, id)
) with (fillfactor = 70, autovacuum_analyze_threshold = 1000, autovacuum_vacuum_threshold = 1000);

create sequence {schema}.events_position as bigint cache 1;

create table {schema}.events (
  position bigint not null primary key,
  tenant text collate "C" not null,
  aggregate text collate "C" not null,
  id text collate "C" not null,
  version int not null,
  slice smallint not null,
  type text not null,
  schema int not null,
  data json not null,
  command text not null,
  actor text not null,
  correlation text not null,
  causation text,
  traceparent text,
  at timestamptz not null
) partition by range (position);

create index events_stream on {schema}.events (tenant, aggregate, id, version);

create table {schema}.replies (
  tenant text collate "C" not null,
  key text collate "C" not null,
  week smallint not null,
  request text not null,
  reply json not null,
  at timestamptz not null,
  primary key (tenant, key, week)
) partition by list (week);

create table {schema}.replies_0 partition of {schema}.replies for values in (0)
  with (autovacuum_analyze_threshold = 1000);
create table {schema}.replies_1 partition of {schema}.replies for values in (1)
  with (autovacuum_analyze_threshold = 1000);
create table {schema}.replies_2 partition of {schema}.replies for values in (2)
  with (autovacuum_analyze_threshold = 1000);

create table {schema}.cursors (
  consumer text collate "C" not null,
  source text collate "C" not null,
  epoch text not null,
  through bigint not null,
  primary key (consumer, source)
) with (fillfactor = 50);

create table {schema}.inbox (
  consumer text collate "C" not null,
  source text collate "C" not null,
  slice smallint not null,
  position bigint not null,
  primary key (consumer, source, slice)
) with (fillfactor = 50);

create table {schema}.parked (
  consumer text collate "C" not null,
  source text collate "C" not null,
  position bigint not null,
  tenant text collate "C" not null,
  aggregate text collate "C" not null,
  id text collate "C" not null,
  code text not null,
  reason text not null,
  at timestamptz not null,
  primary key (consumer, source, position)
);

create table {schema}.view_rows (
  view text collate "C" not null,
  key text collate "C" not null,
  body jsonb not null,
  primary key (view, key)
) with (fillfactor = 80, autovacuum_analyze_threshold = 1000);
`,
}
