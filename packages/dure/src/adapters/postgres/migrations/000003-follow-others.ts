import type { Migration } from './migration.ts'

/*
 * Why so:
 * - `epochs` is the lineage of the log: positions up to `began` are the history that an epoch shares with the one before.
 * - `leases` is written again and again in place, hence the room in its page.
 * - `place` is where a consumer's reader of the bus was; only a saving, so it may be missing or stale.
 * - `parked` says when it was last tried, until when a message is held for a release that knows it, and whether somebody
 *   asked for it to be tried again.
 * - `archives` says which events are in a file and no longer in the log: of those between `first` and `last`, so many.
 */
export const followOthers: Migration = {
  number: 3,
  name: 'follow others',
  sql: `
alter table {schema}.meta add column system text;

create table {schema}.epochs (
  number int not null primary key,
  epoch text not null unique,
  began bigint not null,
  at timestamptz not null
);

insert into {schema}.epochs (number, epoch, began, at) select 1, epoch::text, 0, now() from {schema}.meta;

create table {schema}.leases (
  name text collate "C" not null primary key,
  holder text not null,
  number bigint not null,
  until timestamptz not null
) with (fillfactor = 50);

create table {schema}.archives (
  sha256 text not null primary key,
  file text not null,
  first bigint not null,
  last bigint not null,
  epoch text not null,
  events bigint not null,
  at timestamptz not null
);

alter table {schema}.cursors add column place text;

alter table {schema}.parked
  add column tries int not null default 1,
  add column tried_at timestamptz,
  add column held_until timestamptz,
  add column retry boolean not null default false;
`,
}
