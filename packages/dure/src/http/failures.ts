import type { FastifyReply, FastifyRequest } from 'fastify'
import { isDureError, type DureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import { lingeringProblem, sendProblem } from './answers.ts'
import { internalProblem, problemOf, statusOf } from './problem.ts'

/** What went wrong inside while answering a request; `id` is what the caller was told. */
export interface HttpFailure {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly error: unknown
}

/** How a server meets errors. */
export interface FailureOptions {
  readonly world: World
  readonly development: boolean
  readonly bodyLimit: number
  readonly log: (failure: HttpFailure) => void
  readonly isClosing: () => boolean
}

/** Turns every error into a problem document: those of callers with all they need, those inside with an id only. */
export function failureHandler(options: FailureOptions) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const known = isDureError(error) ? error : fromFastify(error, request, options.bodyLimit)
    if (known?.kind === 'too-large') return lingeringProblem(request, reply, problemOf(known), options.world)
    // Fastify closes the connection after any body it refused; here the body was read to its end.
    if (reply.hasHeader('connection') && !options.isClosing()) reply.removeHeader('connection')
    if (known !== undefined && statusOf(known) !== 500) return sendProblem(reply, problemOf(known))
    const id = options.world.newId()
    options.log({ id, method: request.method, path: pathOf(request), error })
    return sendProblem(reply, internalProblem(error, id, options.development))
  }
}

// Without what is asked: it may be anything, and a log is no place for it.
function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] as string
}

function fromFastify(error: unknown, request: FastifyRequest, limit: number): DureError | undefined {
  const { code, statusCode } = error as { readonly code?: string; readonly statusCode?: number }
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return fault('DURE_HTTP_BODY_TOO_LARGE', { limit })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return fault('DURE_HTTP_MEDIA_TYPE', { found: (request.headers['content-type'] ?? '').slice(0, 100) })
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'ECONNRESET':
      return fault('DURE_HTTP_BODY', { reason: 'it is not as long as its content-length says' })
    case 'FST_ERR_BAD_URL':
      return fault('DURE_HTTP_URL', { path: request.url.slice(0, 200) })
    default:
  }
  const clients =
    typeof code === 'string' && code.startsWith('FST_') && statusCode !== undefined && statusCode < 500
  return clients ? fault('DURE_HTTP_REQUEST', { reason: (error as Error).message }) : undefined
}
