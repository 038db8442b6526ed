import type { StandardSchemaV1 } from '@standard-schema/spec'

/** How the text of a variable becomes a value. What it says of a wrong one never holds the text, which may be a secret. */
export type Reader<T> = StandardSchemaV1<string, T>

/** Who made a reader whose complaints may be repeated. */
export const OWN = 'dure-config'

/** A text that is not empty, and matches `pattern`. */
export function text(pattern?: RegExp): Reader<string> {
  return reader(`a text${pattern === undefined ? '' : ` that matches ${String(pattern)}`}`, (it) =>
    pattern === undefined || pattern.test(it) ? it : undefined,
  )
}

/** A whole number, from `min` to `max`. */
export function whole({ min = 0, max = Number.MAX_SAFE_INTEGER } = {}): Reader<number> {
  const from = max === Number.MAX_SAFE_INTEGER ? `${min} on` : `${min} to ${max}`
  return reader(`a whole number from ${from}`, (it) => {
    const value = Number(it)
    return it.trim() !== '' && Number.isInteger(value) && value >= min && value <= max ? value : undefined
  })
}

/** `true` or `false`, also written `1` or `0`. */
export function flag(): Reader<boolean> {
  return reader('true or false', (it) => words[it.toLowerCase()])
}

const words: Readonly<Record<string, boolean>> = { true: true, false: false, '1': true, '0': false }

/** A URL of one of the schemes, https when none is named. The value is the text. */
export function url(...schemes: readonly string[]): Reader<string> {
  const known = schemes.length === 0 ? ['https'] : schemes
  return reader(`a URL that begins with ${known.map((it) => `${it}://`).join(' or ')}`, (it) =>
    URL.canParse(it) && known.includes(new URL(it).protocol.slice(0, -1)) ? it : undefined,
  )
}

/** Several texts with commas between. */
export function list(): Reader<readonly string[]> {
  return reader('texts with commas between', (it) => {
    const all = it.split(',').map((part) => part.trim())
    return all.includes('') ? undefined : all
  })
}

/** The URL of a bucket: `https://key:secret@host/bucket?region=eu-west-1`. */
export function bucketUrl(): Reader<string> {
  const expected = 'https://key:secret@host/bucket, with ?region=… where it is not us-east-1'
  return reader(expected, (it) => {
    if (!URL.canParse(it)) return undefined
    const { protocol, username, password, pathname } = new URL(it)
    const hasBucket = /^\/[A-Za-z0-9][A-Za-z0-9._-]{1,62}\/?$/.test(pathname)
    return /^https?:$/.test(protocol) && hasBucket && username !== '' && password !== '' ? it : undefined
  })
}

function reader<T>(expected: string, read: (text: string) => T | undefined): Reader<T> {
  return {
    '~standard': {
      version: 1,
      vendor: OWN,
      validate(given) {
        const value = typeof given === 'string' ? read(given) : undefined
        return value === undefined ? { issues: [{ message: `expected ${expected}` }] } : { value }
      },
    },
  }
}
