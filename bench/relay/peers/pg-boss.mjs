import { PgBoss } from 'pg-boss'
import { connectNats } from '../broker.mjs'
import { bunches, jobOf, publishEach } from './publish-each.mjs'

const QUEUE = 'publish'
const BATCH = 500

/**
 * pg-boss: a job for each event; a worker takes batches of them, at once again while they are full, and publishes those
 * of one together.
 */
export async function openPgBoss({ postgres, nats, broker }) {
  const stream = 'pg_boss'
  const boss = new PgBoss({ connectionString: postgres.url, schema: 'pgboss', max: 4 })
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`))
  await boss.start()
  await boss.createQueue(QUEUE)
  const connection = await connectNats(nats.url)
  const publish = publishEach(connection, stream)
  return {
    stream: async () => stream,
    /** Jobs are gone once they are done. */
    async renew(count) {
      await broker.make(stream)
      await boss.deleteAllJobs(QUEUE)
      for (const [from, to] of bunches(count, 2000)) {
        const jobs = Array.from({ length: to - from }, (_, i) => ({ data: jobOf(from + i) }))
        await boss.insert(QUEUE, jobs)
      }
    },
    async drain(count, watch) {
      const done = Promise.withResolvers()
      let published = 0
      watch.start()
      const options = { batchSize: BATCH, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true }
      await boss.work(QUEUE, options, async (jobs) => {
        await Promise.all(jobs.map((it) => publish(it.data)))
        published += jobs.length
        if (published >= count) done.resolve()
      })
      await done.promise
      watch.stop()
      await boss.offWork(QUEUE)
    },
    async close() {
      await boss.stop({ graceful: true, timeout: 5_000 })
      await connection.close()
    },
  }
}
