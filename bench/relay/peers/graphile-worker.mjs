import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import { connect } from '../../servers/postgres.mjs'
import { connectNats } from '../broker.mjs'
import { bunches, jobOf, publishEach } from './publish-each.mjs'

const SCHEMA = 'graphile_worker'
const CONCURRENT = 16
const silent = new Logger(() => () => undefined)

/**
 * graphile-worker: a job for each event, 16 at once, with what its documentation gives for speed: jobs are fetched to a
 * local queue 500 at a time, and those that are done completed together.
 */
export async function openGraphileWorker({ postgres, nats, broker }) {
  const stream = 'graphile_worker'
  const pool = connect(postgres.connection, CONCURRENT + 2)
  // It asks for one on each connection, and says so if there is none.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const shared = { pgPool: pool, schema: SCHEMA, logger: silent }
  const utils = await makeWorkerUtils(shared)
  await utils.migrate()
  const connection = await connectNats(nats.url)
  const publish = publishEach(connection, stream)
  return {
    stream: async () => stream,
    async renew(count) {
      await broker.make(stream)
      await pool.query(`truncate ${SCHEMA}._private_jobs`)
      for (const [from, to] of bunches(count, 2000)) {
        const jobs = Array.from({ length: to - from }, (_, i) => ({
          identifier: 'publish',
          payload: jobOf(from + i),
        }))
        await utils.addJobs(jobs)
      }
    },
    async drain(count, watch) {
      const done = Promise.withResolvers()
      let published = 0
      watch.start()
      const runner = await run({
        ...shared,
        noHandleSignals: true,
        taskList: {
          async publish(job) {
            await publish(job)
            if (++published === count) done.resolve()
          },
        },
        preset: {
          worker: {
            concurrentJobs: CONCURRENT,
            pollInterval: 500,
            localQueue: { size: 500 },
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
          },
        },
      })
      await Promise.race([done.promise, runner.promise])
      watch.stop()
      await runner.stop()
    },
    async close() {
      await utils.release()
      await connection.close()
      await pool.end()
    },
  }
}
