import { chromium } from './chromium/chromium.mjs'
import { createKafka, kafkaUrl, probeKafka } from './kafka/kafka.mjs'
import { createNats, natsUrl, probeNats } from './nats/nats.mjs'
import { createPgbouncer, probePgbouncer } from './pgbouncer/pgbouncer.mjs'
import { createPostgres, postgresUrl, probePostgres } from './postgres/postgres.mjs'
import { createRedis, probeRedis, redisUrl } from './redis/redis.mjs'
import { createS3 } from './s3/s3.mjs'
import { sharedService } from './shared.mjs'

const postgresContainer = { port: 5432, urlOf: postgresUrl, probe: probePostgres }
const natsContainer = { port: 4222, urlOf: natsUrl, probe: probeNats }

const postgres15 = sharedService({
  name: 'postgres-15',
  about: 'PostgreSQL 15, the oldest that is supported',
  variable: 'DURE_TEST_POSTGRES_URL',
  create: (place) => createPostgres({ major: 15, ...place }),
  container: postgresContainer,
})

/** The servers of `npm run services`. Another one is an entry here, a kind of instance, and a container. */
export const services = [
  postgres15,
  sharedService({
    name: 'postgres-18',
    about: 'PostgreSQL 18',
    variable: 'DURE_TEST_POSTGRES_18_URL',
    create: (place) => createPostgres({ major: 18, ...place }),
    container: postgresContainer,
  }),
  sharedService({
    name: 'pgbouncer',
    about: 'PgBouncer that pools transactions, in front of postgres-15',
    variable: 'DURE_TEST_PGBOUNCER_URL',
    needs: ['postgres-15'],
    create: (place) => createPgbouncer({ target: async () => (await postgres15.look()).url, ...place }),
    container: { port: 5432, urlOf: postgresUrl, probe: probePgbouncer },
  }),
  sharedService({
    name: 'nats',
    about: 'a current NATS server with JetStream',
    variable: 'DURE_TEST_NATS_URL',
    create: (place) => createNats({ version: 'current', ...place }),
    container: natsContainer,
  }),
  sharedService({
    name: 'nats-2.9',
    about: 'NATS 2.9, the oldest that is supported',
    variable: 'DURE_TEST_NATS_29_URL',
    create: (place) => createNats({ version: '2.9', ...place }),
    container: natsContainer,
  }),
  sharedService({
    name: 'kafka',
    about: 'a current Apache Kafka, one broker that is its own controller',
    variable: 'DURE_TEST_KAFKA_URL',
    create: (place) => createKafka(place),
    container: { port: 9092, urlOf: kafkaUrl, probe: probeKafka },
  }),
  sharedService({
    name: 'redis',
    about: 'a Redis that keeps nothing',
    variable: 'DURE_TEST_REDIS_URL',
    create: createRedis,
    container: { port: 6379, urlOf: redisUrl, probe: probeRedis },
  }),
  sharedService({
    name: 's3',
    about: 'a server of the API of S3 on files, with a bucket',
    variable: 'DURE_TEST_S3_URL',
    create: createS3,
  }),
  chromium,
]
