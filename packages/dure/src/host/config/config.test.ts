import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { config, context, contract, oneOf, resource, system } from 'dure'
import { readConfig } from 'dure/host'
import { expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { withEnvFiles } from './env-files.ts'
import { lookAtConfig, readProcessConfig } from './process-config.ts'
import { redactor } from './redact.ts'
import { shownOf } from './table.ts'

const mail = config({
  SMTP_URL: { about: 'the server that mail is sent by', read: config.url('smtp', 'smtps'), secret: true },
  MAIL_FROM: { about: 'who it is from', read: z.email(), default: 'shop@example.com' },
  MAIL_RETRIES: { about: 'how often it is tried', read: config.whole({ min: 1, max: 9 }), optional: true },
  MAIL_TOKEN: { about: 'the token of the outbox', read: z.string().min(8), secret: true },
})
const rates = resource.cache('rates', { rate: z.number() })
const payments = resource.http('payments', { secret: 'bearer' })
const selling = context(contract('Selling', {}), [mail, payments]).implements({})
const pricing = context(contract('Pricing', {}), [rates]).implements({})
const shop = system('Shop', { contexts: [selling, pricing] })

const good = {
  SMTP_URL: 'smtp://shop:tops3cret@mail.example.com',
  MAIL_TOKEN: '0123456789abcdef',
  PAYMENTS_URL: 'https://pay.example.com/v1',
  PAYMENTS_SECRET: 'pay-s3cret',
}

test('values are read once, typed, and secrets are in no print of the whole', () => {
  const { values, config: own } = readProcessConfig(shop, {
    ...good,
    MAIL_RETRIES: '3',
    DATABASE_URL: 'postgres://u:pw-in-url@h/d',
  })
  expect(values['MAIL_RETRIES']).toBe(3)
  expect([values['MAIL_FROM'], values['SMTP_URL'], values['RATES_URL']]).toEqual([
    'shop@example.com',
    good.SMTP_URL,
    undefined,
  ])
  expect(own.DATABASE_URL).toBe('postgres://u:pw-in-url@h/d')
  for (const it of [values, own]) {
    const printed = [JSON.stringify(it), inspect(it), JSON.stringify({ ...it })].join()
    for (const secret of ['tops3cret', '0123456789abcdef', 'pay-s3cret', 'pw-in-url']) {
      expect(printed).not.toContain(secret)
    }
  }
})

test('all that is wrong is said at once: which variable, what was expected, what it is for, and no secret', () => {
  const env = {
    NODE_ENV: 'production',
    PORT: '99999',
    DURE_LOG: 'loud',
    DATABASE_URL: 'mysql://u:tops3cret@h/d',
    NATS_URL: 'nope-tops3cret',
    SMTP_URL: 'http://tops3cret',
    MAIL_FROM: 'nobody',
    MAIL_RETRIES: '10',
    MAIL_TOKEN: 'tops3cr',
    PAYMENTS_URL: 'ftp://x',
  }
  const { problems } = lookAtConfig(shop, env)
  expect(problems).toEqual([
    'PORT: expected a whole number from 0 to 65535, found "99999" (the port to listen on; 0 takes a free one)',
    'DATABASE_URL: expected postgres://user:password@host:5432/database (a PostgreSQL to use instead of the embedded one)',
    expect.stringMatching(/^NATS_URL: expected nats:\/\/user:password@host:4222.* \(a NATS server/),
    'DURE_LOG: expected one of debug, info, warn, error, found "loud" (lowest level that is logged)',
    'SMTP_URL: expected a URL that begins with smtp:// or smtps:// (the server that mail is sent by)',
    'MAIL_FROM: Invalid email address, found "nobody" (who it is from)',
    'MAIL_RETRIES: expected a whole number from 1 to 9, found "10" (how often it is tried)',
    'MAIL_TOKEN: the value is refused by its schema (the token of the outbox)',
    'PAYMENTS_URL: expected a URL that begins with https:// or http://, found "ftp://x" (the service of payments)',
    'PAYMENTS_SECRET: it is not set (the secret that payments is asked with)',
    'RATES_URL: it is not set (the Redis of rates)',
  ])
  expect(problems.join()).not.toContain('tops3cr')
  expect(() => readProcessConfig(shop, env)).toThrow(
    expect.objectContaining({ code: 'DURE_CONFIG_INVALID', details: { problems } }),
  )
})

const missing = (NODE_ENV?: string) =>
  lookAtConfig(shop, { ...good, NODE_ENV }).problems.map((it) => it.split(':')[0])

test('a cache may be missing in development, not where NODE_ENV is wrong or production', () => {
  expect(missing()).toEqual([])
  expect(missing('test')).toEqual([])
  expect(missing('production')).toEqual(['RATES_URL'])
  expect(missing('prodution')).toEqual(['NODE_ENV', 'RATES_URL'])
})

test('a process needs only the variables of the contexts that run in it', () => {
  expect(lookAtConfig(shop, { NODE_ENV: 'production' }, { contexts: ['Pricing'] }).problems).toEqual([
    'RATES_URL: it is not set (the Redis of rates)',
  ])
})

test('a secret comes from the file that NAME_FILE names, as it was mounted', () => {
  const files: Record<string, string> = {
    '/run/secrets/token': '0123456789abcdef\n',
    '/run/secrets/empty': '\n',
  }
  const read = (path: string): string => {
    const text = files[path]
    if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' })
    return text
  }
  const { MAIL_TOKEN: _, ...rest } = good
  const at = (env: Record<string, string>) => lookAtConfig(shop, { ...rest, ...env }, { read })
  const found = at({ MAIL_TOKEN_FILE: '/run/secrets/token' })
  expect(found.values['MAIL_TOKEN']).toBe('0123456789abcdef')
  expect(found.entries.find((it) => it.name === 'MAIL_TOKEN')?.from).toBe('/run/secrets/token')
  const said = (env: Record<string, string>) => at(env).problems[0]
  expect(said({ MAIL_TOKEN_FILE: '/nope' })).toBe(
    'MAIL_TOKEN: the file /nope of MAIL_TOKEN_FILE cannot be read: ENOENT (the token of the outbox)',
  )
  expect(said({ MAIL_TOKEN_FILE: '/run/secrets/empty' })).toMatch(/^MAIL_TOKEN: the file .* is empty/)
  expect(said({ MAIL_TOKEN: 'x'.repeat(9), MAIL_TOKEN_FILE: '/run/secrets/token' })).toMatch(/are both set/)
  // Only secrets are read so: a file is no place for a port.
  expect(at({ MAIL_TOKEN_FILE: '/run/secrets/token', PORT_FILE: '/nope' }).config.PORT).toBe(3000)
})

test('names that look like a variable of Dure and are none are told, with the one that was meant', () => {
  const env = {
    DURE_SHUTDOWN_M: '1',
    DURE_WHATEVER: '1',
    DURE_TEST_X: '1',
    DATABASE_URL_FILE: '',
    DURE_LOG: 'info',
  }
  const { problems, warnings } = lookAtConfig(system('Empty', { contexts: [] }), env)
  expect([problems, warnings]).toEqual([
    [],
    [
      'DURE_SHUTDOWN_M is set, and nothing reads it: did you mean DURE_SHUTDOWN_MS?',
      'DURE_WHATEVER is set, and nothing reads it',
    ],
  ])
})

test('a variable has one meaning in a system', () => {
  const other = config({ SMTP_URL: { about: 'another', read: config.text() } })
  const twice = context(contract('Other', {}), [other, mail]).implements({})
  expect(() => lookAtConfig(system('Shop', { contexts: [selling, twice] }), good)).toThrow(
    expect.objectContaining({ code: 'DURE_MODEL_DUPLICATE' }),
  )
  const port = config({ PORT: { about: 'mine', read: config.whole() } })
  expect(() => lookAtConfig(system('Shop', { contexts: [], config: [port] }), {})).toThrow(/PORT/)
  const same = context(contract('Other', {}), [mail]).implements({})
  expect(lookAtConfig(system('Shop', { contexts: [selling, same] }), good).problems).toEqual([])
})

test('the URL of a bucket has all that it takes', () => {
  const files = system('Files', {
    contexts: [context(contract('Files', {}), [resource.objectStore('files')]).implements({})],
  })
  const wrong = (FILES_URL: string) => lookAtConfig(files, { FILES_URL }).problems.length > 0
  expect(
    ['https://k:s@h/b1', 'https://k@h/b1', 'https://k:s@h', 'https://k:s@h/a/b', 's3://k:s@h/b1', 'x'].map(
      wrong,
    ),
  ).toEqual([false, true, true, true, true, true])
})

test('what is declared wrongly is refused where it is declared', () => {
  const read = config.text()
  for (const [declared, reason] of [
    [{ 'smtp url': { about: 'x', read } }, /"smtp url" is not a name/],
    [{ KEY_FILE: { about: 'x', read } }, /"KEY_FILE" is not a name/],
    [{ KEY: { about: '', read } }, /KEY does not say what it is for/],
    [{ KEY: { about: 'x' } }, /KEY does not say what it is for, or how it is read/],
  ] as const) {
    expect(() => config(declared as never)).toThrow(reason)
  }
  expect(() => resource.cache('no name', {})).toThrow(expect.objectContaining({ code: 'DURE_MODEL_NAME' }))
  expect(() => resource.http('x', { timeoutMs: 0 })).toThrow(/timeoutMs is 0/)
  const late = config({ KEY: { about: 'x', read: z.string().refine(async () => true) } })
  expect(lookAtConfig(system('Late', { contexts: [], config: [late] }), { KEY: 'x' }).problems[0]).toMatch(
    /^KEY: (its schema answers later|its schema failed)/,
  )
  const failing = {
    '~standard': {
      version: 1,
      vendor: 'x',
      validate: () => {
        throw new Error('boom')
      },
    },
  } as const
  const broken = config({ KEY: { about: 'x', read: failing } })
  expect(lookAtConfig(system('Broken', { contexts: [], config: [broken] }), { KEY: 'x' }).problems).toEqual([
    'KEY: its schema failed while reading it (x)',
  ])
})

const read = (reader: { '~standard': { validate(it: unknown): unknown } }, text: string) => {
  const result = reader['~standard'].validate(text) as { value?: unknown; issues?: unknown }
  return result.issues === undefined ? result.value : 'refused'
}

test('readers read what they say', () => {
  expect(['7', '-1', '1.5', ' ', '1e3', 'x'].map((it) => read(config.whole(), it))).toEqual([
    7,
    'refused',
    'refused',
    'refused',
    1000,
    'refused',
  ])
  expect(['true', 'FALSE', '1', '0', 'yes'].map((it) => read(config.flag(), it))).toEqual([
    true,
    false,
    true,
    false,
    'refused',
  ])
  expect(['a, b', 'a,,b'].map((it) => read(config.list(), it))).toEqual([['a', 'b'], 'refused'])
  expect(['https://x', 'http://x', 'x'].map((it) => read(config.url(), it))).toEqual([
    'https://x',
    'refused',
    'refused',
  ])
  expect(['ab', 'b'].map((it) => read(config.text(/^a/), it))).toEqual(['ab', 'refused'])
  expect(['a', 'c'].map((it) => read(oneOf('a', 'b'), it))).toEqual(['a', 'refused'])
})

function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'dure-env-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

test('.env.local and .env add to the environment in development, and never change it', () => {
  const folder = folderWith({
    '.env': 'A=env\nB=env\nC="quoted # no comment"\n# comment\nexport D=d\n',
    '.env.local': 'B=local\n',
  })
  const { env, files } = withEnvFiles({ A: 'set', E: '' }, folder)
  expect(env).toEqual({ A: 'set', B: 'local', C: 'quoted # no comment', D: 'd', E: '' })
  expect(Object.fromEntries(files)).toEqual({ B: '.env.local', C: '.env', D: '.env' })
  for (const NODE_ENV of ['production', 'test']) {
    expect(withEnvFiles({ NODE_ENV, A: 'set' }, folder).env).toEqual({ NODE_ENV, A: 'set' })
  }
  expect(withEnvFiles({}, folderWith({})).env).toEqual({})
})

test('a file of the environment cannot say that it is not read', () => {
  expect(() => withEnvFiles({}, folderWith({ '.env': 'NODE_ENV=production' }))).toThrow(
    /NODE_ENV: \.env sets it, which is read in development only/,
  )
  expect(withEnvFiles({}, folderWith({ '.env': 'NODE_ENV=development' })).env).toEqual({
    NODE_ENV: 'development',
  })
})

test('what may be shown has no secret, and says where each value comes from', () => {
  const { env, files } = withEnvFiles(good, folderWith({ '.env': 'MAIL_FROM=a@b.co' }))
  const shown = shownOf(lookAtConfig(shop, env).entries, files)
  expect(shown.filter((it) => /MAIL|SMTP|RATES/.test(it.name))).toEqual([
    {
      name: 'SMTP_URL',
      value: '•••',
      from: 'environment',
      default: null,
      about: 'the server that mail is sent by',
    },
    {
      name: 'MAIL_FROM',
      value: 'a@b.co',
      from: '.env',
      default: 'shop@example.com',
      about: 'who it is from',
    },
    { name: 'MAIL_RETRIES', value: null, from: 'not set', default: null, about: 'how often it is tried' },
    {
      name: 'MAIL_TOKEN',
      value: '•••',
      from: 'environment',
      default: null,
      about: 'the token of the outbox',
    },
    { name: 'RATES_URL', value: null, from: 'not set', default: null, about: 'the Redis of rates' },
  ])
})

test('a secret that some error repeats is taken out of what is printed, in every form', () => {
  const { entries } = lookAtConfig(shop, {
    ...good,
    MAIL_TOKEN: 'a"b\\c+d.e(f)',
    DATABASE_URL: 'postgres://u:p%40ss%2Fword@h/d',
    NATS_URL: 'nats://t0ken-of-nats@a:1,nats://t0ken-of-nats@b:1',
  })
  const redact = redactor(entries)
  const said = [
    'connect to postgres://u:p%40ss%2Fword@h/d failed',
    'password p@ss/word is wrong',
    JSON.stringify({ error: 'a"b\\c+d.e(f)' }),
    `token=${encodeURIComponent('a"b\\c+d.e(f)')}`,
    'nats://t0ken-of-nats@b:1',
  ].map(redact)
  expect(said.join('\n')).not.toMatch(/p%40ss|p@ss|c\+d|c%2Bd|t0ken/)
  expect(said[0]).toBe('connect to ••• failed')
  expect(redact('nothing of that kind')).toBe('nothing of that kind')
  const key = { kty: 'OKP', crv: 'Ed25519', d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' }
  const signing = redactor(lookAtConfig(shop, { ...good, DURE_SERVICE_KEY: JSON.stringify(key) }).entries)
  expect(signing(`the key ${JSON.stringify(key)}, Ed25519`)).toBe(
    'the key {"kty":"OKP","crv":"Ed25519","d":"•••"}, Ed25519',
  )
})

test("Dure's own variables alone are read as before", () => {
  expect(readConfig({}).PORT).toBe(3000)
  expect(readConfig({ PORT: '', DURE_DATA: 'x' })).toMatchObject({ PORT: 3000, DURE_DATA: 'x' })
  expect(() => readConfig({ PORT: ' ', HOST: 'x', DURE_LOG: 'x' })).toThrow(/PORT.*\n.*DURE_LOG/)
})
