import { fault } from '../kernel/errors/fault.ts'

/** One environment variable: what it means and how its text is read. */
export interface Variable<T> {
  readonly about: string
  readonly fallback: T
  /** The value, or a sentence that says what is wrong. Never repeats a secret. */
  read(text: string): T | { readonly wrong: string }
}

/** The variables that a process of Dure reads. */
export const variables = {
  PORT: whole('the port to listen on; 0 takes a free one', 3000, 0, 65_535),
  HOST: text('the address to listen on', '127.0.0.1'),
  DATABASE_URL: url('a PostgreSQL to use instead of the embedded one', undefined),
  NATS_URL: natsUrl('a NATS server with JetStream to carry events between contexts', undefined),
  DURE_BODY_LIMIT: whole('largest request body, in bytes', 1_048_576, 1024, 1_073_741_824),
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
 * Reads every declared variable and reports all that are wrong at once.
 * @throws DURE_CONFIG_INVALID
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, variable] of Object.entries(variables)) {
    const given = env[name]
    if (given === undefined || given === '') {
      values[name] = variable.fallback
      continue
    }
    const value: unknown = variable.read(given)
    if (typeof value === 'object' && value !== null && 'wrong' in value) {
      problems.push(`${name}: ${String(value.wrong)} (${variable.about})`)
    } else values[name] = value
  }
  if (problems.length > 0) throw fault('DURE_CONFIG_INVALID', { problems })
  return values as unknown as Config
}

function whole(about: string, fallback: number, min: number, max: number): Variable<number> {
  return {
    about,
    fallback,
    read(given) {
      const value = Number(given)
      const fits = Number.isInteger(value) && value >= min && value <= max
      return fits ? value : { wrong: `expected a whole number from ${min} to ${max}, found "${given}"` }
    },
  }
}

function text(about: string, fallback: string): Variable<string> {
  return { about, fallback, read: (given) => given }
}

function word<T extends string>(about: string, fallback: T, known: readonly T[]): Variable<T> {
  return {
    about,
    fallback,
    read: (given) => known.find((it) => it === given) ?? { wrong: `expected one of ${known.join(', ')}` },
  }
}

// The values may hold a password, so they are never repeated.
function natsUrl(about: string, fallback: undefined): Variable<string | undefined> {
  return {
    about,
    fallback,
    read: (given) =>
      given.split(',').every((it) => URL.canParse(it) && /^(nats|tls|wss?):$/.test(new URL(it).protocol))
        ? given
        : { wrong: 'expected nats://user:password@host:4222, several with commas between' },
  }
}

function url(about: string, fallback: undefined): Variable<string | undefined> {
  return {
    about,
    fallback,
    read: (given) =>
      URL.canParse(given) && /^postgres(ql)?:$/.test(new URL(given).protocol)
        ? given
        : { wrong: 'expected postgres://user:password@host:5432/database' },
  }
}
