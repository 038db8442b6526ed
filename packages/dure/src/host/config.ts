import { fault } from '../kernel/errors/fault.ts'
import { identityVariables } from './config/identity-variables.ts'
import { kafkaUrl } from './config/kafka-url.ts'
import { problemsOf, readVariables } from './config/read-variables.ts'
import { valuesOf } from './config/values.ts'
import { maybe, names, natsUrl, postgresUrl, text, whole, word, type Variable } from './config/variable.ts'
import { roles } from './placement.ts'

/** The variables that a process of Dure reads. */
export const variables = {
  PORT: whole('the port to listen on; 0 takes a free one', 3000, 0, 65_535),
  HOST: text('the address to listen on', '127.0.0.1'),
  DATABASE_URL: postgresUrl('a PostgreSQL to use instead of the embedded one', undefined),
  NATS_URL: natsUrl('a NATS server with JetStream to carry events between contexts', undefined),
  KAFKA_URL: kafkaUrl('Kafka brokers to carry events between contexts, in place of NATS', undefined),
  DURE_TRANSPORT: {
    ...word('which of NATS_URL and KAFKA_URL is used where both are set', 'nats', ['nats', 'kafka']),
    fallback: undefined,
  },
  DURE_BODY_LIMIT: whole('largest request body, in bytes', 1_048_576, 1024, 1_073_741_824),
  DURE_MAX_REQUESTS: whole('most requests that are worked on at once', 512, 1, 100_000),
  DURE_MAX_QUEUE: whole('most requests that wait for their turn; one more is answered 503', 1024, 0, 100_000),
  DURE_RATE_LIMIT: whole('most requests a second of one tenant or caller; 0 sets no limit', 0, 0, 1_000_000),
  DURE_SHUTDOWN_MS: whole('how long stopping may take, in milliseconds', 25_000, 100, 3_600_000),
  DURE_SHUTDOWN_DELAY_MS: whole(
    'how long requests are still accepted while stopping, not ready any more, in milliseconds',
    0,
    0,
    600_000,
  ),
  DURE_DATABASE_CONNECTIONS: whole('most connections of this process to a PostgreSQL server', 20, 2, 1000),
  DURE_DEV_BUS: maybe('where dure dev --split shares what carries events; set by it'),
  DURE_RELEASE: maybe('which release of the program this is, for dure status'),
  DURE_CONTEXTS: names('contexts that run in this process, with commas between; all when absent'),
  DURE_ROLES: names('what this process does for them; everything when absent', roles),
  ...identityVariables,
  DURE_LOG: word('lowest level that is logged', 'info', ['debug', 'info', 'warn', 'error']),
  DURE_DATA: text('where the embedded PostgreSQL keeps its data', '.dure'),
  NODE_ENV: word('development or production', 'development', ['development', 'production', 'test']),
} as const

type Values<V> = { readonly [K in keyof V]: V[K] extends Variable<infer T> ? T : never }

/** The configuration of a process, read once. */
export type Config = Values<typeof variables>

/**
 * Whether a process of this configuration leaves tables and data as they are and refuses to start where they are not up to
 * date: in production, on a server that others use too.
 */
export function leavesTables({ NODE_ENV, DATABASE_URL }: Pick<Config, 'NODE_ENV' | 'DATABASE_URL'>): boolean {
  return NODE_ENV === 'production' && DATABASE_URL !== undefined
}

/**
 * Reads Dure's own variables and reports all that are wrong at once.
 * @throws DURE_CONFIG_INVALID
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const entries = readVariables(variables, env)
  const problems = problemsOf(entries)
  if (problems.length > 0) throw fault('DURE_CONFIG_INVALID', { problems })
  return valuesOf(entries) as unknown as Config
}
