import { config, oneOf, resource, type Cache, type Database, type Reading, type ThirdParty } from 'dure'
import { expectTypeOf } from 'vitest'
import * as z from 'zod'

declare const reading: Reading

export function valuesAndClientsAreTypedByWhatIsPointedAt(): void {
  const mail = config({
    SMTP_URL: { about: 'the server that mail is sent by', read: config.url('smtp'), secret: true },
    MAIL_FROM: { about: 'who it is from', read: z.email(), default: 'shop@example.com' },
    MAIL_RETRIES: { about: 'how often', read: config.whole({ max: 9 }), optional: true },
    MAIL_MODE: { about: 'what kind', read: oneOf('html', 'text') },
    MAIL_AT: { about: 'when', read: z.string().transform((it) => new Date(it)) },
  })
  expectTypeOf(reading.use(mail)).toEqualTypeOf<{
    readonly SMTP_URL: string
    readonly MAIL_FROM: string
    readonly MAIL_RETRIES: number | undefined
    readonly MAIL_MODE: 'html' | 'text'
    readonly MAIL_AT: Date
  }>()
  const rates = resource.cache('rates', { rate: z.number() })
  expectTypeOf(reading.use(rates)).toEqualTypeOf<Cache<{ readonly rate: number }>>()
  expectTypeOf(reading.use(resource.http('payments'))).toEqualTypeOf<ThirdParty>()
  expectTypeOf(reading.use(resource.database('legacy'))).toEqualTypeOf<Database>()
}

export function aDefaultIsOfTheTypeThatItsReaderMakes(): void {
  // @ts-expect-error -- a text is no number
  config({ RETRIES: { about: 'how often', read: config.whole(), default: '3' } })
  // @ts-expect-error -- nobody would know what it is for
  config({ RETRIES: { read: config.whole() } })
}
