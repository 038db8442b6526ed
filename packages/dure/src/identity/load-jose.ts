import { fault } from '../kernel/errors/fault.ts'

export type Jose = typeof import('jose')

/** The package that checks and signs tokens, loaded by who needs it. @throws DURE_STORE_DRIVER_MISSING */
export async function loadJose(needed: string): Promise<Jose> {
  return import('jose').catch((error: unknown) => {
    throw fault('DURE_STORE_DRIVER_MISSING', { package: 'jose', needed }, error)
  })
}
