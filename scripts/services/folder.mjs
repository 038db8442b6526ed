import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where services keep what they write; git ignores it. */
export const folder = fileURLToPath(new URL('../../.services/', import.meta.url))

/** Programs that had to be fetched or built. They outlive `down`, and every clone uses the same. */
export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'dure', 'services')
