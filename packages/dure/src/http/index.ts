export { createHttp, type Http, type HttpOptions, type HttpTimeouts } from './http.ts'
export type { HttpFailure } from './failures.ts'
export type { Ready } from './health.ts'
export type { Problem, RejectionProblem } from './problem.ts'
