import { NestFactory } from '@nestjs/core'
import { Command, CommandBus, CommandHandler, CqrsModule } from '@nestjs/cqrs'
import { TypeOrmModule } from '@nestjs/typeorm'
import { DataSource, EntitySchema } from 'typeorm'
import { decideDeposit, envelope } from '../account.mjs'
import { accountOf, pastOf } from '../calls.mjs'
import { connect, POOL } from '../connect.mjs'
import { kept, keptNames } from '../tables.mjs'

const schema = 'nest'
const text = { type: 'text' }
const int = { type: 'int' }
const bigint = { type: 'bigint' }

const Account = new EntitySchema({
  name: 'Account',
  schema,
  tableName: 'accounts',
  columns: {
    id: { ...text, primary: true },
    version: { ...int, version: true },
    owner: text,
    balance: bigint,
  },
})
const OutboxEvent = new EntitySchema({
  name: 'OutboxEvent',
  schema,
  tableName: 'outbox',
  columns: {
    position: { ...bigint, primary: true, generated: 'identity', generatedIdentity: 'ALWAYS' },
    account: text,
    version: int,
    ...Object.fromEntries(kept.map(([name, type]) => [name, { type }])),
    type: text,
    data: { type: 'json' },
    at: { type: 'timestamptz', createDate: true },
  },
})

class Deposit extends Command {
  constructor(id, input) {
    super()
    this.id = id
    this.input = input
  }
}

/** Loads the row locked, decides, saves it and inserts the event into the outbox, in one transaction. */
class DepositHandler {
  constructor(source) {
    this.source = source
  }

  execute({ id, input }) {
    return this.source.transaction(async (manager) => {
      const account = await manager.findOne(Account, { where: { id }, lock: { mode: 'pessimistic_write' } })
      if (account === null) throw new Error(`there is no ${id}`)
      const { type, data } = decideDeposit(account, input)
      account.balance += data.amount
      const { version } = await manager.save(Account, account)
      const beside = envelope()
      const facts = Object.fromEntries(kept.map(([name], i) => [name, beside[i]]))
      await manager.insert(OutboxEvent, { account: id, version, type, data, ...facts })
      return version
    })
  }
}

// What decorators would do, which these sources cannot have.
Reflect.defineMetadata('design:paramtypes', [DataSource], DepositHandler)
CommandHandler(Deposit)(DepositHandler)

/** A module is a class to Nest; this one has nothing in it. */
function AppModule() {}

/** A service as NestJS's documentation has it: CQRS over TypeORM, with an outbox; the account is a row. */
export async function openNest({ connection }) {
  const pool = connect(connection, 2)
  await pool.query(tables)
  const { host, port, user: username, database } = connection
  const app = await NestFactory.createApplicationContext(
    {
      module: AppModule,
      imports: [
        CqrsModule.forRoot(),
        TypeOrmModule.forRoot({
          type: 'postgres',
          host,
          port,
          username,
          password: '',
          database,
          poolSize: POOL,
          entities: [Account, OutboxEvent],
          parseInt8: true,
        }),
      ],
      providers: [DepositHandler],
    },
    { logger: ['error'] },
  )
  await app.init()
  const bus = app.get(CommandBus)

  return {
    facts: { streams: `${schema}.accounts`, events: `${schema}.outbox`, id: 'account' },
    share: 0.25,
    async seed(from, count) {
      const all = Array.from({ length: count }, (_, i) => ({
        id: accountOf(from + i),
        past: pastOf(from + i),
      }))
      for (let at = 0; at < count; at += 1000) await store(pool, all.slice(at, at + 1000))
    },
    warm: async () => undefined,
    deposit: (i, input) => bus.execute(new Deposit(accountOf(i), input)),
    async close() {
      await app.close()
      await pool.end()
    },
  }
}

const tables = `
create schema ${schema};
create table ${schema}.accounts (
  id text collate "C" primary key,
  version int not null,
  owner text not null,
  balance bigint not null
) with (fillfactor = 70);
create table ${schema}.outbox (
  position bigint generated always as identity primary key,
  account text collate "C" not null,
  version int not null,
  ${kept.map(([name, type]) => `${name} ${type} not null,`).join(' ')}
  type text not null,
  data json not null,
  at timestamptz not null default now(),
  unique (account, version)
)`

const balanceOf = ([{ data }, ...deposits]) => deposits.reduce((sum, it) => sum + it.data.amount, data.first)

/** Accounts as their past has made them. */
async function store(pool, some) {
  await pool.query(
    `insert into ${schema}.accounts select * from unnest($1::text[], $2::int[], $3::text[], $4::bigint[])`,
    [
      some.map((it) => it.id),
      some.map((it) => it.past.length),
      some.map((it) => it.past[0].data.owner),
      some.map((it) => balanceOf(it.past)),
    ],
  )
  const events = some.flatMap(({ id, past }) => past.map((it, n) => ({ id, version: n + 1, ...it })))
  await pool.query(
    `insert into ${schema}.outbox (account, version, type, data, ${keptNames})
select id, version, type, data, '', 'Account', 7, 1, 'bench', 'c', 'c'
from unnest($1::text[], $2::int[], $3::text[], $4::json[]) as n(id, version, type, data)`,
    [
      events.map((it) => it.id),
      events.map((it) => it.version),
      events.map((it) => it.type),
      events.map((it) => JSON.stringify(it.data)),
    ],
  )
}
