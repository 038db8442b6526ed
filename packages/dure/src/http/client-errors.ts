import type { Socket } from 'node:net'
import { STATUS_CODES } from 'node:http'
import { fault } from '../kernel/errors/fault.ts'
import { PROBLEM_TYPE, problemOf } from './problem.ts'

/**
 * Answers what never became a request (not HTTP, a header too large or too slow), then closes the connection: after such
 * bytes nobody knows where the next request would begin.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const { _httpMessage: begun } = socket as {
    readonly _httpMessage?: { readonly headersSent: boolean } | null
  }
  if (error.code === 'ECONNRESET' || !socket.writable || begun?.headersSent === true) {
    socket.destroy()
    return
  }
  const problem = problemOf(faultOf(error))
  const body = JSON.stringify(problem)
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n` +
      `content-type: ${PROBLEM_TYPE}; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

function faultOf(error: NodeJS.ErrnoException): ReturnType<typeof fault> {
  if (error.code === 'HPE_HEADER_OVERFLOW') return fault('DURE_HTTP_HEADERS_TOO_LARGE', {})
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return fault('DURE_HTTP_TIMEOUT', {})
  const { reason } = error as { readonly reason?: string }
  return fault('DURE_HTTP_REQUEST', { reason: reason ?? error.code ?? 'it is not HTTP/1.1' })
}
