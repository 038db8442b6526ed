import type { Fields, OutputOf } from '../../domain/fields/field.ts'
import { shapeOf, type Shape } from '../../domain/fields/shape.ts'
import { fault } from '../../kernel/errors/fault.ts'
import { checkName } from '../../kernel/names.ts'
import { checkVariable, type AnySetting, type Attached } from './attached.ts'
import type { Broker, Cache, Database, ObjectStore, ThirdParty } from './clients.ts'
import { bucketUrl, text, url, type Reader } from './readers.ts'

/** What every resource may say of itself. */
export interface ResourceOptions {
  /** The variable that its URL is read from: the name in capitals and `_URL` when absent, `CACHE_URL` of `cache`. */
  readonly variable?: string
  /**
   * Whether the process serves without it: while it is away `/readyz` says so under `degraded`, and stays ready. One that is
   * not optional makes the process not ready. A cache, http and a broker are optional when absent, since what all replicas
   * share would else take all of them out of service at once; an object store and a database are not.
   */
  readonly optional?: boolean
  /** How long one call may take, in milliseconds: 2,000 when absent; 10,000 of an object store, http and a database. */
  readonly timeoutMs?: number
}

/** When a breaker stops calling a third party that fails. */
export interface BreakerOptions {
  /** How many failures in a row open it: 5 when absent. */
  readonly failures?: number
  /** How long it stays open before one call may try again: 10,000 ms when absent. */
  readonly openMs?: number
}

export interface HttpResourceOptions extends ResourceOptions {
  /** The header that the secret of `<NAME>_SECRET` goes into: `bearer` is `authorization: Bearer …`. None when absent. */
  readonly secret?: 'bearer' | { readonly header: string }
  readonly breaker?: BreakerOptions
  /** Asked with GET to see whether it is there; when absent the breaker alone tells. */
  readonly healthPath?: string
}

/** What a resource is, for whoever attaches it. */
export type ResourceSpec =
  | { readonly type: 'cache'; readonly shape: Shape }
  | { readonly type: 'objectStore' | 'database' | 'broker' }
  | {
      readonly type: 'http'
      readonly options: HttpResourceOptions
      readonly secretVariable: string | undefined
    }

/** A backing service: attached by a URL, replaced without a change of code. */
export interface Resource<T> extends Attached<T> {
  readonly kind: 'resource'
  readonly urlVariable: string
  readonly optional: boolean
  readonly timeoutMs: number
  /** @internal */
  readonly spec: ResourceSpec
}

/** Declares backing services. Each is a part of the contexts that use it: `context(Ordering, [Order, rates])`. */
export const resource = {
  /** A cache in Redis for values of one shape: `resource.cache('rates', { rate: z.number() })`. */
  cache<F extends Fields>(
    name: string,
    fields: F,
    options: ResourceOptions = {},
  ): Resource<Cache<OutputOf<F>>> {
    checkResource(name)
    const spec = { type: 'cache', shape: shapeOf(fields, `cache ${name}`) } as const
    return declare(name, options, spec, 'the Redis', url('redis', 'rediss'), 2000)
  },
  /** Objects in a bucket, by the API of S3: `https://key:secret@host/bucket?region=eu-west-1`. */
  objectStore(name: string, options: ResourceOptions = {}): Resource<ObjectStore> {
    checkResource(name)
    return declare(name, options, { type: 'objectStore' }, 'the bucket', bucketUrl(), 10_000)
  },
  /** A service of somebody else, with a time-out and a breaker. */
  http(name: string, options: HttpResourceOptions = {}): Resource<ThirdParty> {
    checkResource(name)
    const secretVariable = options.secret === undefined ? undefined : `${inCapitals(name)}_SECRET`
    const spec = { type: 'http', options, secretVariable } as const
    return declare(name, options, spec, 'the service', url('https', 'http'), 10_000)
  },
  /** Another PostgreSQL than the one that the log is in. */
  database(name: string, options: ResourceOptions = {}): Resource<Database> {
    checkResource(name)
    return declare(
      name,
      options,
      { type: 'database' },
      'the PostgreSQL',
      url('postgres', 'postgresql'),
      10_000,
    )
  },
  /** Subjects of a NATS server that other programs listen to. */
  broker(name: string, options: ResourceOptions = {}): Resource<Broker> {
    checkResource(name)
    return declare(name, options, { type: 'broker' }, 'the NATS server', url('nats', 'tls'), 2000)
  },
} as const

function declare(
  name: string,
  options: ResourceOptions,
  spec: ResourceSpec,
  what: string,
  read: Reader<string>,
  timeoutMs: number,
): Resource<never> {
  const urlVariable = options.variable ?? `${inCapitals(name)}_URL`
  checkVariable(`resource ${name}`, urlVariable)
  // A URL of a third party has no password, so it may be seen.
  const own: AnySetting = { about: `${what} of ${name}`, read, secret: spec.type !== 'http' }
  const secret = spec.type === 'http' ? spec.secretVariable : undefined
  return {
    kind: 'resource',
    name,
    urlVariable,
    optional: options.optional ?? dispensable.has(spec.type),
    timeoutMs: positive(name, options.timeoutMs ?? timeoutMs),
    spec,
    variables: {
      [urlVariable]: own,
      ...(secret && {
        [secret]: { about: `the secret that ${name} is asked with`, read: text(), secret: true },
      }),
    },
  }
}

const dispensable = new Set<string>(['cache', 'http', 'broker'])

function positive(name: string, timeoutMs: number): number {
  if (Number.isFinite(timeoutMs) && timeoutMs > 0) return timeoutMs
  throw fault('DURE_MODEL_INVALID', {
    where: `resource ${name}`,
    reason: `its timeoutMs is ${timeoutMs}.`,
    fix: 'Give it milliseconds above 0.',
  })
}

const checkResource = (name: string): void => checkName('A resource', name)

/** `exchangeRates` → `EXCHANGE_RATES`. */
function inCapitals(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()
}
