/** Servers of one's own, for tests and programs that kill servers: those of `npm run services` are everybody's. */
export { createKafka } from './kafka/kafka.mjs'
export { createNats } from './nats/nats.mjs'
export { createPgbouncer } from './pgbouncer/pgbouncer.mjs'
export { createPostgres } from './postgres/postgres.mjs'
export { createRedis } from './redis/redis.mjs'
