import type { Variable } from './variable.ts'

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const
const EXPECTED = 'expected kafka://user:password@host:9092, several with commas between; kafkas:// for TLS'

/** What a KAFKA_URL says. */
export interface KafkaAddress {
  readonly brokers: readonly { readonly host: string; readonly port: number }[]
  readonly tls: boolean
  readonly credentials?: {
    readonly mechanism: (typeof MECHANISMS)[number]
    readonly username: string
    readonly password: string
  }
}

/** Reads `kafka://host:9092,kafka://host:9092`; user, password and `?mechanism=` are those of the first. */
export function kafkaAddress(given: string): KafkaAddress | { readonly wrong: string } {
  const urls = given.split(',').map((it) => (URL.canParse(it) ? new URL(it) : undefined))
  const brokers: KafkaAddress['brokers'][number][] = []
  for (const url of urls) {
    if (url === undefined || !/^kafkas?:$/.test(url.protocol) || url.hostname === '')
      return { wrong: EXPECTED }
    brokers.push({ host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port || 9092) })
  }
  const [first] = urls
  if (first === undefined) return { wrong: EXPECTED }
  if (urls.some((it) => it?.protocol !== first.protocol)) {
    return { wrong: 'expected kafka:// or kafkas:// for all brokers, found both' }
  }
  const tls = first.protocol === 'kafkas:'
  if (first.username === '') return { brokers, tls }
  const named = first.searchParams.get('mechanism')?.toUpperCase() ?? 'PLAIN'
  const mechanism = MECHANISMS.find((it) => it === named)
  if (mechanism === undefined) return { wrong: `expected a mechanism of ${MECHANISMS.join(', ')}` }
  const credentials = {
    mechanism,
    username: decodeURIComponent(first.username),
    password: decodeURIComponent(first.password),
  }
  return { brokers, tls, credentials }
}

// The value may hold a password, so it is never repeated.
export function kafkaUrl(about: string, fallback: undefined): Variable<string | undefined> {
  return {
    about,
    fallback,
    secret: true,
    read(given) {
      const address = kafkaAddress(given)
      return 'wrong' in address ? address : given
    },
  }
}
