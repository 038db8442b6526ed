import { drainCase } from './drain-case.mjs'
import { latencyCase } from './latency-case.mjs'
import { writersCases } from './writers-case.mjs'

/** Events on their way out of a context: from its log on a real PostgreSQL to JetStream, and on to another context. */
export const relay = async () => [drainCase, latencyCase, ...writersCases]
