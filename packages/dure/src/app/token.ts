import { fault } from '../kernel/errors/fault.ts'

/** A place in one slice of one context's log. */
export interface Place {
  readonly context: string
  readonly epoch: string
  readonly slice: number
  readonly position: number
}

/** Writes places as an opaque text. */
export function writeToken(places: readonly Place[]): string {
  const plain = places.map((it) => [it.context, it.epoch, it.slice, it.position])
  return Buffer.from(JSON.stringify(plain)).toString('base64url')
}

/** Reads what `writeToken` wrote. @throws DURE_TOKEN_INVALID */
export function readToken(token: string): readonly Place[] {
  if (token.length > 8192) throw fault('DURE_TOKEN_INVALID', { reason: 'it is too long' })
  let plain: unknown
  try {
    plain = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
  } catch {
    throw fault('DURE_TOKEN_INVALID', { reason: 'it is not in the right form' })
  }
  if (!Array.isArray(plain)) throw fault('DURE_TOKEN_INVALID', { reason: 'it is not in the right form' })
  return plain.map(placeOf)
}

function placeOf(it: unknown): Place {
  const [context, epoch, slice, position] = Array.isArray(it) ? (it as unknown[]) : []
  if (
    typeof context !== 'string' ||
    typeof epoch !== 'string' ||
    !Number.isSafeInteger(slice) ||
    !Number.isSafeInteger(position)
  ) {
    throw fault('DURE_TOKEN_INVALID', { reason: 'a place in it is not in the right form' })
  }
  return { context, epoch, slice: slice as number, position: position as number }
}
