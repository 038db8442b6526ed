import { CommandHandler } from '@event-driven-io/emmett'
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql'
import { closedLoop } from '../../harness/load.mjs'
import { decideDeposit, envelope, fold } from '../account.mjs'
import { accountOf, pastOf } from '../calls.mjs'
import { connect } from '../connect.mjs'

/** Emmett: its command handler on its event store in PostgreSQL, whose log of messages is the outbox. */
export async function openEmmett({ connection }) {
  const pool = connect(connection)
  const { host, port, user, database } = connection
  const url = `postgres://${user}@${host}:${port}/${database}`
  const store = getPostgreSQLEventStore(url, { connectionOptions: { pool } })
  await store.schema.migrate()
  // The names and columns that the proof asks for.
  await pool.query(`create schema emmett
create view emmett.streams as select stream_id as id, stream_position::int as version from public.emt_streams
create view emmett.events as select stream_id as id, stream_position::int as version from public.emt_messages`)
  const handle = CommandHandler({
    evolve: (state, event) => fold([event], state),
    initialState: () => undefined,
  })

  return {
    facts: { streams: 'emmett.streams', events: 'emmett.events', id: 'id' },
    share: 0.25,
    async seed(from, count) {
      const append = (i) => store.appendToStream(accountOf(from + i), pastOf(from + i))
      await closedLoop(append, { count, width: 8 })
    },
    warm: async () => undefined,
    async deposit(i, input) {
      const { newState, nextExpectedStreamVersion } = await handle(store, accountOf(i), (state) => ({
        ...decideDeposit(state, input),
        metadata: metadataOf(envelope()),
      }))
      if (newState.balance <= 0) throw new Error('a deposit is missing')
      return Number(nextExpectedStreamVersion)
    },
    async close() {
      await store.close()
      if (!pool.ended) await pool.end()
    },
  }
}

const metadataOf = ([tenant, , , schema, actor, command, correlation]) => ({
  tenant,
  schema,
  actor,
  command,
  correlation,
})
