import type { IncomingHttpHeaders } from 'node:http'
import type { Caller } from '../kernel/caller.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { World } from '../kernel/world.ts'

/** What a request shows of who it is from. */
export interface Presented {
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn, as they came: what came twice stands here twice. */
  readonly rawHeaders: readonly string[]
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/** What a token says of itself, and nobody has checked. */
export interface Unverified {
  readonly issuer: unknown
  readonly type: unknown
}

/** Who a token is from, and how long that holds. */
export interface Verified {
  readonly caller: Caller
  /** When the token ends. */
  readonly until: Date
}

/** Checks tokens of one kind. */
export interface TokenVerifier {
  readonly kind: 'token'
  /** Whether a token says that it is of this kind; whether that is true, `verify` finds out. */
  claims(token: Unverified): boolean
  /**
   * Who it is from; `context` is whom it is shown to.
   * @throws DURE_CREDENTIALS_REFUSED, DURE_IDENTITY_UNAVAILABLE
   */
  verify(token: string, context: string): Promise<Verified>
}

/** Tells which context a connection is from. */
export interface PeerVerifier {
  readonly kind: 'peer'
  /** Undefined where it says nothing. @throws DURE_CREDENTIALS_REFUSED */
  service(request: Presented): string | undefined
}

/** One way in which requests may say who they are from: a declaration, which `start` makes work. */
export interface Identity {
  readonly name: string
  /** As OpenAPI describes it; undefined for what no client of the API does itself. */
  readonly scheme: JsonObject | undefined
  /** @throws DURE_STORE_DRIVER_MISSING, DURE_IDENTITY_INVALID */
  start(world: World): Promise<TokenVerifier | PeerVerifier>
}
