import { entry } from './entry.ts'

/** Errors of the HTTP edge. */
export const httpErrors = {
  DURE_HTTP_ROUTE: entry<{ method: string; path: string }>({
    kind: 'missing',
    about: 'No route of the system answers this method and path.',
    message: (d) => `Nothing answers ${d.method} ${d.path}.`,
    hint: () => 'See /openapi.json for what does.',
  }),
  DURE_HTTP_METHOD: entry<{ method: string; path: string; allowed: readonly string[] }>({
    kind: 'missing',
    about: 'The path exists, but not for this method.',
    message: (d) => `${d.path} does not answer ${d.method}.`,
    hint: (d) => `Use ${d.allowed.join(' or ')}.`,
  }),
  DURE_HTTP_URL: entry<{ path: string }>({
    kind: 'invalid',
    about:
      'The path of the request cannot be decoded: a % that is not followed by two hexadecimal digits of UTF-8.',
    message: (d) => `The path ${d.path} cannot be decoded.`,
    hint: () => 'Encode each part of the path with encodeURIComponent or its like.',
  }),
  DURE_HTTP_BODY: entry<{ reason: string }>({
    kind: 'invalid',
    about: 'The body of a request must be one JSON object in UTF-8, at most 64 levels deep.',
    message: (d) => `The body cannot be read: ${d.reason}.`,
    hint: () => 'Send one JSON object in UTF-8, its length as announced.',
  }),
  DURE_HTTP_BODY_TOO_LARGE: entry<{ limit: number }>({
    kind: 'too-large',
    about: 'The body of the request is larger than the service accepts.',
    message: (d) => `The body is larger than ${d.limit} bytes.`,
    hint: () => 'Send less at once; keep files elsewhere and send their address.',
  }),
  DURE_HTTP_MEDIA_TYPE: entry<{ found: string }>({
    kind: 'media-type',
    about: 'The body of a request must be application/json in UTF-8.',
    message: (d) => `The body is ${d.found === '' ? 'of no declared type' : JSON.stringify(d.found)}.`,
    hint: () => 'Send JSON in UTF-8 with the header content-type: application/json.',
  }),
  DURE_HTTP_HEADER: entry<{ header: string; reason: string }>({
    kind: 'invalid',
    about: 'A request header that Dure acts on has a value it cannot have, or was sent twice.',
    message: (d) => `The header ${d.header} cannot be read: ${d.reason}.`,
    hint: () => 'Correct the header, or leave it out.',
  }),
  DURE_HTTP_HEADERS_TOO_LARGE: entry<{}>({
    kind: 'too-large',
    about: 'The header of the request, its URL included, is larger than 16 KiB.',
    message: () => 'The header of the request is too large.',
    hint: () => 'Send fewer cookies or a shorter URL; a query can also be asked with POST.',
  }),
  DURE_HTTP_INPUT_TWICE: entry<{ field: string }>({
    kind: 'invalid',
    about:
      'Path, query string and body together are the input; where two of them name a field, they must agree.',
    message: (d) => `The field ${d.field} is given twice, with different values.`,
    hint: () => 'Give it once: a field that the path names does not belong in the body.',
  }),
  DURE_HTTP_REQUEST: entry<{ reason: string }>({
    kind: 'invalid',
    about: 'What arrived is not a request in HTTP/1.1.',
    message: (d) => `The request cannot be read: ${d.reason}.`,
    hint: () => 'Look at the client, or at a proxy on the way.',
  }),
  DURE_HTTP_TIMEOUT: entry<{}>({
    kind: 'unavailable',
    about: 'The request did not arrive completely in time. Nothing was done.',
    message: () => 'The request did not arrive in time.',
    hint: () => 'Try again; send header and body without a pause.',
  }),
  DURE_HTTP_NOT_READY: entry<{ reasons: readonly string[] }>({
    kind: 'unavailable',
    about:
      'The process lives, but something it needs does not answer yet; the load balancer sends nothing here meanwhile.',
    message: (d) => `Not ready: ${d.reasons.join('; ')}.`,
    hint: () => 'Wait; if it stays, look at what the reasons name.',
  }),
  DURE_HTTP_OVERLOADED: entry<{}>({
    kind: 'unavailable',
    about:
      'The process works on as many requests as it may, and as many wait. Nothing was done: the request was turned away before it was read.',
    message: () => 'The service is busy.',
    hint: () => 'Try again after the seconds of retry-after, and later each time; or run more replicas.',
  }),
  DURE_HTTP_RATE_LIMITED: entry<{ perSecond: number; retryAfterSeconds: number }>({
    kind: 'unavailable',
    about: 'The caller has sent more requests a second than DURE_RATE_LIMIT allows. Nothing was done.',
    message: (d) => `There were more than ${d.perSecond} requests a second.`,
    hint: (d) => `Try again in ${d.retryAfterSeconds} s, and send less often.`,
  }),
  DURE_HTTP_INTERNAL: entry<{}>({
    kind: 'misuse',
    about:
      'Something failed inside the service. What it was stands in its log, under the id of the answer, and not here.',
    message: () => 'The request failed inside the service.',
    hint: () => 'Look in the log of the service for the id given as instance.',
  }),
} as const
