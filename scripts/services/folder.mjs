import { fileURLToPath } from 'node:url'

/** Where services keep what they write; git ignores it. */
export const folder = fileURLToPath(new URL('../../.services/', import.meta.url))
