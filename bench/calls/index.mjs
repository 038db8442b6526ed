import { inProcessCase } from './in-process.mjs'
import { remoteCases } from './remote.mjs'
import { startCases } from './start.mjs'

/** Calls from context to context: in one process, over HTTP; and what a process costs. */
export const calls = async () => [inProcessCase, ...remoteCases, ...startCases]
