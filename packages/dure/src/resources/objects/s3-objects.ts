import { fault } from '../../kernel/errors/fault.ts'
import type { World } from '../../kernel/world.ts'
import type { ObjectStore } from '../../model/attached/clients.ts'
import type { Connected } from '../attachments.ts'
import { codeOf, unavailable } from '../within.ts'
import { checkExpiry, checkKey } from './keys.ts'
import type { BucketPlace } from './place.ts'

interface S3Options {
  readonly name: string
  readonly place: BucketPlace
  readonly timeoutMs: number
}

/** As many keys as S3 lists at once. */
const PAGE = 1000

/**
 * Objects in a bucket by the API of S3, at AWS or any server that speaks it, addressed by path.
 * @throws DURE_STORE_DRIVER_MISSING
 */
export async function s3Objects(options: S3Options, world: World): Promise<Connected<ObjectStore>> {
  const { name, place, timeoutMs } = options
  const { AwsClient } = await import('aws4fetch').catch((error: unknown) => {
    throw fault(
      'DURE_STORE_DRIVER_MISSING',
      { package: 'aws4fetch', needed: `the object store ${name}` },
      error,
    )
  })
  const { base, ...credentials } = place
  const signer = new AwsClient({ ...credentials, service: 's3', retries: 0 })
  const asked = async (method: string, url: string, init: RequestInit = {}): Promise<Answer> => {
    const over = new AbortController()
    const cancel = world.after(timeoutMs, () => over.abort(), true)
    try {
      const answer = await signer.fetch(url, { ...init, method, signal: over.signal, redirect: 'manual' })
      return { answer, bytes: new Uint8Array(await answer.arrayBuffer()) }
    } catch (error) {
      const cause = (error as Error).cause ?? error
      throw unavailable(name, over.signal.aborted ? `no answer within ${timeoutMs} ms` : codeOf(cause), error)
    } finally {
      cancel()
    }
  }
  const urlOf = (key: string): string => `${base}/${checkKey(name, key).split('/').map(strictly).join('/')}`
  const done = ({ answer, bytes }: Answer, ...fine: readonly number[]): void => {
    if (!answer.ok && !fine.includes(answer.status)) throw refusal(name, answer, bytes)
  }
  const client: ObjectStore = {
    async put(key, bytes, { type = 'application/octet-stream' } = {}) {
      const body = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
      done(
        await asked('PUT', urlOf(key), {
          body: body as RequestInit['body'] & {},
          headers: { 'content-type': type },
        }),
      )
    },
    async get(key) {
      const found = await asked('GET', urlOf(key))
      if (found.answer.status === 404 && errorCode(found.bytes) !== 'NoSuchBucket') return undefined
      done(found)
      const type = found.answer.headers.get('content-type') ?? 'application/octet-stream'
      return { bytes: found.bytes, type }
    },
    async delete(key) {
      done(await asked('DELETE', urlOf(key)), 404)
    },
    async list(prefix, { limit = Infinity } = {}) {
      const keys: string[] = []
      for (let next: string | undefined = ''; next !== undefined && keys.length < limit;) {
        const page = new URLSearchParams({
          'list-type': '2',
          'encoding-type': 'url',
          'max-keys': String(Math.min(PAGE, limit - keys.length)),
          prefix,
          ...(next !== '' && { 'continuation-token': next }),
        })
        const found = await asked('GET', `${base}?${page.toString()}`)
        done(found)
        const xml = Buffer.from(found.bytes).toString()
        // Asked for, so that no character is one that XML cannot hold; not every server does it.
        const encoded = texts(xml, 'EncodingType')[0] === 'url'
        const decoded = (it: string): string => (encoded ? decodeURIComponent(it.replaceAll('+', ' ')) : it)
        keys.push(...texts(xml, 'Key').map(decoded))
        next = texts(xml, 'NextContinuationToken')[0]
      }
      return keys.slice(0, limit)
    },
    async urlFor(key, { expiresMs } = {}) {
      const seconds = Math.floor(checkExpiry(name, expiresMs) / 1000)
      const url = `${urlOf(key)}?X-Amz-Expires=${seconds}`
      return (await signer.sign(url, { method: 'GET', aws: { signQuery: true } })).url
    },
  }
  return {
    client,
    async ping() {
      done(await asked('GET', `${base}?list-type=2&max-keys=1`))
    },
    close: () => Promise.resolve(),
  }
}

interface Answer {
  readonly answer: Response
  readonly bytes: Uint8Array
}

// `encodeURIComponent` leaves what RFC 3986 reserves, and the signature is over the strict form.
const strictly = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`)

function texts(xml: string, tag: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, text = '']) =>
    unescaped(text),
  )
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescaped(text: string): string {
  return text
    .replaceAll(/&#(x?)([0-9a-fA-F]+);/g, (_, hex: string, code: string) =>
      String.fromCodePoint(parseInt(code, hex === '' ? 10 : 16)),
    )
    .replaceAll(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] as string)
}

const errorCode = (bytes: Uint8Array): string => texts(Buffer.from(bytes).toString(), 'Code')[0] ?? ''

function refusal(resource: string, { status }: Response, bytes: Uint8Array): Error {
  const reason = `${status} ${errorCode(bytes)}`.trim()
  if (status >= 500 || status === 429) return unavailable(resource, reason)
  return fault('DURE_RESOURCE_REFUSED', { resource, reason })
}
