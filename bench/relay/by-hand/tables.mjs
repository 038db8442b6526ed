import { METERS, NOTE } from '../readings.mjs'

// The same facts as Dure keeps with every event.
export const kept = ['tenant', 'aggregate', 'slice', 'schema', 'actor', 'command', 'correlation']

/** Streams and the log of one context, and what another one makes of it. */
export const tables = (s) => `
create schema ${s};
create table ${s}.streams (id text collate "C" primary key, version int not null) with (fillfactor = 70);
create table ${s}.events (
  position bigint generated always as identity primary key,
  stream_id text collate "C" not null,
  version int not null,
  tenant text not null,
  aggregate text not null,
  slice smallint not null,
  schema int not null,
  actor text not null,
  command text not null,
  correlation text not null,
  type text not null,
  data json not null,
  at timestamptz not null default now(),
  unique (stream_id, version)
);
create table ${s}.rows (key text collate "C" primary key, body jsonb not null) with (fillfactor = 80);
create table ${s}.inbox (slice smallint primary key, position bigint not null) with (fillfactor = 50);`

/** Fills the log with the readings from 0 up to `$1`. */
export const fill = (s) => `
insert into ${s}.events
  (stream_id, version, tenant, aggregate, slice, schema, actor, command, correlation, type, data)
select 'meter-' || lpad((n % ${METERS})::text, 4, '0'), n / ${METERS} + 1, '', 'Meter', n % ${METERS}, 1, 'bench',
  gen_random_uuid(), gen_random_uuid(), 'Measured', json_build_object('reading', n, 'note', '${NOTE}')
from generate_series(0, $1::int - 1) n order by n`

/** Puts the meters there at version 0, as before their first reading. */
export const fillMeters = (s) => `
insert into ${s}.streams select 'meter-' || lpad(n::text, 4, '0'), 0 from generate_series(0, ${METERS - 1}) n`
