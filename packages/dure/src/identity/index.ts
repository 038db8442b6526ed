export type { Caller } from '../kernel/caller.ts'
export { clientCertificates, type ClientCertificatesOptions } from './client-certificates.ts'
export type { Identity, PeerVerifier, Presented, TokenVerifier, Unverified, Verified } from './identity.ts'
export type { KeyTimes } from './key-set.ts'
export { oidc, type OidcOptions } from './oidc.ts'
export {
  serviceTokens,
  type Key,
  type ServiceIdentity,
  type ServiceTokens,
  type ServiceTokensOptions,
} from './service-tokens.ts'
