import type { World } from '../kernel/world.ts'
import type { Attached } from '../model/attached/attached.ts'
import type { Resource } from '../model/attached/resource.ts'
import type { Attachments, Connected } from './attachments.ts'
import { cacheOn } from './cache/entries.ts'
import { memoryEntries } from './cache/memory-cache.ts'
import { redisEntries } from './cache/redis-cache.ts'
import { natsBroker } from './nats-broker.ts'
import { memoryObjects } from './objects/memory-objects.ts'
import { bucketPlace } from './objects/place.ts'
import { s3Objects } from './objects/s3-objects.ts'
import { pgDatabase } from './pg-database.ts'
import { thirdParty } from './third-party/third-party.ts'
import { within } from './within.ts'

/** How long a service may take to say that it is there. */
const PING_MS = 1500

type Values = Readonly<Record<string, unknown>>

interface Kept extends Connected<unknown> {
  readonly resource: Resource<unknown>
}

/**
 * Attaches what is declared by the values of its variables. A cache or an object store whose URL is not set stands in memory;
 * the configuration allows that in development and tests alone.
 * @throws DURE_STORE_DRIVER_MISSING
 */
export async function attach(
  declared: readonly Attached<unknown>[],
  values: Values,
  world: World,
): Promise<Attachments> {
  const resources = declared.filter((it): it is Resource<unknown> => it.kind === 'resource')
  const opened: Kept[] = []
  const close = async (): Promise<void> => {
    for (const it of opened.splice(0).toReversed()) await it.close().catch(() => undefined)
  }
  try {
    await Promise.all(
      resources.map(async (it) => opened.push({ resource: it, ...(await connected(it, values, world)) })),
    )
  } catch (error) {
    await close()
    throw error
  }
  const settings = declared.filter((it) => it.kind === 'settings')
  return {
    clients: new Map<Attached<unknown>, unknown>([
      ...settings.map((it) => [it, valuesFor(it, values)] as const),
      ...opened.map((it) => [it.resource, it.client] as const),
    ]),
    inMemory: resources.filter((it) => values[it.urlVariable] === undefined).map((it) => it.name),
    problems: () => problemsOf(opened, world),
    close,
  }
}

function valuesFor({ variables }: Attached<unknown>, values: Values): Values {
  const own: Record<string, unknown> = {}
  for (const [name, { secret = false }] of Object.entries(variables)) {
    // A log of the whole prints no secret.
    Object.defineProperty(own, name, { value: values[name], enumerable: !secret })
  }
  return Object.freeze(own)
}

async function connected(it: Resource<unknown>, values: Values, world: World): Promise<Connected<unknown>> {
  const { name, spec, timeoutMs, urlVariable } = it
  const url = values[urlVariable] as string | undefined
  switch (spec.type) {
    case 'cache': {
      const entries =
        url === undefined ? memoryEntries(world) : await redisEntries({ name, url, timeoutMs }, world)
      return { ...entries, client: cacheOn(name, spec.shape, entries.client) }
    }
    case 'objectStore': {
      if (url === undefined) return memoryObjects(name)
      return s3Objects({ name, place: bucketPlace(url), timeoutMs }, world)
    }
    case 'http': {
      const secret = spec.secretVariable && (values[spec.secretVariable] as string | undefined)
      return thirdParty({ name, url: url as string, secret, timeoutMs, options: spec.options }, world)
    }
    case 'database':
      return pgDatabase({ name, url: url as string, timeoutMs })
    default:
      return natsBroker({ name, url: url as string, timeoutMs })
  }
}

async function problemsOf(opened: readonly Kept[], world: World) {
  const found = await Promise.all(
    opened.map(async (it) => {
      const { resource } = it
      const away = await within(world, resource.name, PING_MS, it.ping()).then(
        () => undefined,
        (error: unknown) => (error as Error).message,
      )
      return { away, optional: resource.optional }
    }),
  )
  const of = (optional: boolean): readonly string[] =>
    found.flatMap((it) => (it.away === undefined || it.optional !== optional ? [] : [it.away]))
  return { required: of(false), optional: of(true) }
}
