// What Dure keeps with every event, a hand-written service that answers who, why and for whom keeps as well.
const kept = ['tenant', 'aggregate', 'slice', 'schema', 'actor', 'command', 'correlation']

const events = (s, owner) => `
create table ${s}.events (
  position bigint generated always as identity primary key,
  order_id text not null${owner},
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
  unique (order_id, version)
);`

/** Orders in columns, with their events beside them: for code by hand, TypeORM and MikroORM alike. */
export const stateTables = (s) => `
create schema ${s};
create table ${s}.orders (
  id text primary key,
  version int not null default 1,
  customer text not null,
  ship_to_street text not null,
  ship_to_zipcode text not null,
  ship_to_city text not null,
  ship_to_country text not null,
  status text not null,
  total_amount bigint not null,
  total_currency text not null
) with (fillfactor = 70);
create index on ${s}.orders (customer);
create table ${s}.order_lines (
  order_id text not null references ${s}.orders on delete cascade,
  line int not null,
  product text not null,
  quantity int not null,
  price_amount bigint not null,
  price_currency text not null,
  primary key (order_id, line)
) with (fillfactor = 70);
create index on ${s}.order_lines (product);
${events(s, '')}`

/** Orders as their events alone, with snapshots. */
export const eventTables = (s) => `
create schema ${s};
create table ${s}.streams (id text primary key, version int not null) with (fillfactor = 70);
create table ${s}.snapshots (
  id text primary key,
  version int not null,
  shape text not null,
  state json not null
) with (fillfactor = 70);
${events(s, '')}`

/** Columns that stand beside each event. */
export const envelopeColumns = kept.join(', ')
export const envelopeValues = (it) => kept.map((name) => (name === 'aggregate' ? 'Order' : it[name]))
/** As many parameters, from `$first`. */
export const envelopeParameters = (first) => kept.map((_, i) => `$${first + i}`).join(', ')
