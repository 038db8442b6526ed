/** A value without its brands: where it has the id of an aggregate, any text will do. */
export type Unbranded<T> = T extends { readonly '~id': string }
  ? string
  : T extends string | Date | Uint8Array | ((...args: never) => unknown)
    ? T
    : T extends object
      ? { readonly [K in keyof T]: Unbranded<T[K]> }
      : T

/** What is written as the same JSON as a value: ids as texts, times as texts too, and no methods. */
export type Plain<T> = T extends { readonly '~id': string }
  ? string
  : T extends Date
    ? T | string
    : T extends bigint
      ? T | string
      : T extends string | Uint8Array
        ? T
        : T extends readonly unknown[]
          ? { readonly [K in keyof T]: Plain<T[K]> }
          : T extends object
            ? | T
              | {
                  readonly [K in keyof T as T[K] extends (...args: never) => unknown ? never : K]: Plain<T[K]>
                }
            : T
