import type { DureError } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'

/** The error of an answer of the JetStream API, or of an acknowledgement. */
export interface ApiError {
  readonly code: number
  readonly err_code?: number
  readonly description?: string
}

export const STREAM_NOT_FOUND = 10059
export const STREAM_NAME_IN_USE = 10058
export const MESSAGE_NOT_FOUND = 10037
const SUBJECTS_OVERLAP = 10065
const REPLICAS_NEED_CLUSTER = 10074
const DISABLED = [10039, 10076]

/** What a refusal means: nothing will change it but a change of settings, or the server may do it later. */
export function apiFault(transport: string, stream: string, error: ApiError): DureError {
  const { code, err_code: number = 0, description = `error ${code}` } = error
  const unsuitable = (reason: string): DureError => fault('DURE_TRANSPORT_UNSUITABLE', { transport, reason })
  if (DISABLED.includes(number)) return unsuitable(`JetStream is off (${description})`)
  if (number === SUBJECTS_OVERLAP) {
    return unsuitable(`subjects of the stream ${stream}: another stream takes messages of some of them`)
  }
  if (number === REPLICAS_NEED_CLUSTER)
    return unsuitable(`num_replicas of the stream ${stream}: ${description}`)
  // 4xx is what the server thinks of the request, and it was not asked for anything that passes; but for limits of now.
  const isRefusal = code >= 400 && code < 500 && code !== 404 && code !== 408 && code !== 429
  if (isRefusal) return unsuitable(`the stream ${stream}: ${description}`)
  return fault('DURE_TRANSPORT_UNAVAILABLE', { transport, reason: `${description} (stream ${stream})` })
}
