export { plainIdentity, type Asking } from '../client/request.ts'
export type { RetryOptions } from '../client/retries.ts'
export {
  remoteContexts,
  type RemoteContexts,
  type RemoteOptions,
  type TlsOptions,
} from './remote-contexts.ts'
