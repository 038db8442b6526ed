import { postgres } from './postgres.mjs'

/**
 * Each has a `name`, an `about`, the `envNames` it sets, and `running()`, which asks the server itself and
 * resolves to its environment variables or to undefined. `up(say)` and `restart(say)` resolve to the same
 * variables once it answers; `down(say)` also succeeds when nothing runs.
 */
export const services = [postgres]
