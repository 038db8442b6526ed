/** One environment variable: what it means and how its text is read. */
export interface Variable<T> {
  readonly about: string
  readonly fallback: T
  /** Never printed; may be given as a file, by `NAME_FILE`. */
  readonly secret?: boolean
  /** The value, or a sentence that says what is wrong. Never repeats a secret. */
  read(text: string): T | { readonly wrong: string }
}

/** A variable that has to be set. */
export const required: unique symbol = Symbol('required')

export function whole(about: string, fallback: number, min: number, max: number): Variable<number> {
  return {
    about,
    fallback,
    read(given) {
      const value = Number(given)
      const fits = given.trim() !== '' && Number.isInteger(value) && value >= min && value <= max
      return fits ? value : { wrong: `expected a whole number from ${min} to ${max}, found "${given}"` }
    },
  }
}

export function text(about: string, fallback: string): Variable<string> {
  return { about, fallback, read: (given) => given }
}

/** A text that need not be there. */
export function maybe(about: string): Variable<string | undefined> {
  return { about, fallback: undefined, read: (given) => given }
}

export function word<T extends string>(about: string, fallback: T, known: readonly T[]): Variable<T> {
  return {
    about,
    fallback,
    read: (given) =>
      known.find((it) => it === given) ?? {
        wrong: `expected one of ${known.join(', ')}, found "${given}"`,
      },
  }
}

/** Names with commas between, each once; undefined when absent. */
export function names(about: string, known?: readonly string[]): Variable<readonly string[] | undefined> {
  return {
    about,
    fallback: undefined,
    read(given) {
      const found = [...new Set(given.split(',').map((it) => it.trim()))].filter((it) => it !== '')
      const unknown = found.find((it) => known?.includes(it) === false)
      return unknown === undefined
        ? found
        : { wrong: `expected some of ${(known ?? []).join(', ')}, found "${unknown}"` }
    },
  }
}

// The values may hold a password, so they are never repeated.
export function natsUrl(about: string, fallback: undefined): Variable<string | undefined> {
  return {
    about,
    fallback,
    secret: true,
    read: (given) =>
      given.split(',').every((it) => URL.canParse(it) && /^(nats|tls|wss?):$/.test(new URL(it).protocol))
        ? given
        : { wrong: 'expected nats://user:password@host:4222, several with commas between' },
  }
}

export function postgresUrl(about: string, fallback: undefined): Variable<string | undefined> {
  return {
    about,
    fallback,
    secret: true,
    read: (given) =>
      URL.canParse(given) && /^postgres(ql)?:$/.test(new URL(given).protocol)
        ? given
        : { wrong: 'expected postgres://user:password@host:5432/database' },
  }
}
