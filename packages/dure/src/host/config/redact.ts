import type { Entry } from './read-variables.ts'

const HIDDEN = '•••'
/** These stand in other words as well (`dure`, `postgres`) and would make a log unreadable: hidden where a URL has them. */
const WORD = /^(?:.{1,3}|[A-Za-z]{4,11})$/
const SHORTEST_INSIDE = 16

/**
 * Replaces secrets in what is printed, should some error repeat one: whole values, and the passwords in those that are URLs,
 * each also as JSON and as URLs write it.
 */
export function redactor(entries: readonly Entry[]): (text: string) => string {
  const secrets = entries.filter((it) => it.secret).flatMap((it) => textsIn(it.value).flatMap(formsOf))
  const all = [...new Set(secrets)].filter((it) => it !== '')
  if (all.length === 0) return (text) => text
  const longestFirst = all.toSorted((a, b) => b.length - a.length).map(patternOf)
  const pattern = new RegExp(longestFirst.join('|'), 'g')
  return (text) => text.replace(pattern, HIDDEN)
}

function patternOf(secret: string): string {
  return WORD.test(secret) ? `(?<=[/:])${escaped(secret)}(?=@)` : escaped(secret)
}

// A key may be an object: its long texts are the key, its short ones say what sort it is.
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((it) => textsIn(it).filter((text) => text.length >= SHORTEST_INSIDE))
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)

function formsOf(value: string): readonly string[] {
  const forms = value.split(',').flatMap((it) => [it, ...passwordsOf(it)])
  return [value, ...forms].flatMap((it) => [it, JSON.stringify(it).slice(1, -1), encodeURIComponent(it)])
}

function passwordsOf(text: string): readonly string[] {
  if (!URL.canParse(text)) return []
  const { username, password } = new URL(text)
  // Of NATS a user without a password is a token.
  const secret = password === '' ? username : password
  if (secret === '') return []
  try {
    return [secret, decodeURIComponent(secret)]
  } catch {
    return [secret]
  }
}
