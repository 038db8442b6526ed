import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'

/** The work of a resource, given up after so long. @throws DURE_RESOURCE_UNAVAILABLE */
export async function within<T>(world: World, resource: string, ms: number, work: Promise<T>): Promise<T> {
  let cancel = nothing
  const over = new Promise<never>((_, reject) => {
    cancel = world.after(ms, () => reject(unavailable(resource, `no answer within ${ms} ms`)), true)
  })
  try {
    return await Promise.race([work, over])
  } finally {
    cancel()
  }
}

/** The error of a service that is away. */
export function unavailable(resource: string, reason: string, cause?: unknown): Error {
  return fault('DURE_RESOURCE_UNAVAILABLE', { resource, reason }, cause)
}

const nothing = (): void => undefined

/** A word about an error of a driver that holds no address and no secret. */
export function codeOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown }
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'it failed'
}
