import type { Output } from '../../domain/fields/field.ts'
import { fault } from '../../kernel/errors/fault.ts'
import { checkVariable, type AnySetting, type Attached } from './attached.ts'
import { flag, list, text, url, whole } from './readers.ts'

interface Declared {
  readonly [name: string]: AnySetting
}

type Read<S extends AnySetting> = Output<S['read']>

/** The values of declared variables. */
export type ValuesOf<D extends Declared> = {
  readonly [K in keyof D]: D[K] extends { readonly optional: true } ? Read<D[K]> | undefined : Read<D[K]>
}

type Fitting<D extends Declared> = {
  readonly [K in keyof D]: { readonly default?: NoInfer<Read<D[K]>> }
}

/** Environment variables of an application, read and checked once, at the start. */
export interface Settings<V> extends Attached<V> {
  readonly kind: 'settings'
}

interface DeclareConfig {
  /**
   * Declares environment variables: `config({ SMTP_URL: { about: '…', read: config.url('smtp'), secret: true } })`. It is a
   * part of the contexts that use it, or of the system; `use(…)` of a handler or a host answers its values, typed.
   */
  <const D extends Declared>(declared: D & Fitting<D>): Settings<ValuesOf<D>>
  /** A text that is not empty. */
  readonly text: typeof text
  /** A whole number. */
  readonly whole: typeof whole
  /** `true` or `false`, also written `1` or `0`. */
  readonly flag: typeof flag
  /** A URL of one of the schemes. */
  readonly url: typeof url
  /** Several texts with commas between. */
  readonly list: typeof list
}

const declare = (declared: Declared): Settings<unknown> => {
  const names = Object.keys(declared)
  const name = `config of ${names.join(', ')}`
  for (const it of names) {
    checkVariable(name, it)
    const { about, read } = declared[it] as Partial<AnySetting>
    if (typeof about === 'string' && about !== '' && read?.['~standard'] !== undefined) continue
    throw fault('DURE_MODEL_INVALID', {
      where: name,
      reason: `${it} does not say what it is for, or how it is read.`,
      fix: `Declare it as ${it}: { about: 'what it is for', read: config.text() }, or with a Standard Schema.`,
    })
  }
  return { kind: 'settings', name, variables: declared }
}

export const config = Object.assign(declare, { text, whole, flag, url, list }) as unknown as DeclareConfig
