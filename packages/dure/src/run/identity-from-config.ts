import type { Config } from '../host/config.ts'
import type { IdentityHeaders } from '../host/http-log.ts'
import type { Identity } from '../identity/identity.ts'
import { oidc } from '../identity/oidc.ts'
import { serviceTokens, type Key, type ServiceTokens } from '../identity/service-tokens.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import { decidesAccess } from '../model/access/decisions.ts'
import type { System } from '../model/system.ts'

/** Who callers are said to be, and how this process says who it is itself. */
export interface ProcessIdentity {
  /** Undefined where everybody is anonymous, or the developer. */
  readonly identity: readonly Identity[] | undefined
  /** Undefined without a key of its own. */
  readonly credentials: IdentityHeaders | undefined
  /** What may not have been meant: to be logged where the process does start. */
  readonly warning?: Warning | undefined
}

type Warning = readonly [message: string, fields: Readonly<Record<string, string>>]

type Given = Identity | readonly Identity[] | undefined

/**
 * The identity of the program, else that of the environment. In production a system that says who may do what needs one.
 * @throws DURE_CONFIG_INVALID, DURE_IDENTITY_INVALID, DURE_IDENTITY_MISSING
 */
export async function identityOfProcess(
  system: System,
  config: Config,
  given: Given,
  here: readonly string[],
  world: World,
): Promise<ProcessIdentity> {
  const services = servicesFrom(config, here)
  const signer = config.DURE_SERVICE_KEY === undefined ? undefined : await services?.signer(world)
  const credentials: IdentityHeaders | undefined =
    signer && ((who, { context }) => signer.headersFor(context, who))
  const identity = [...listOf(given ?? usersFrom(config)), ...(services === undefined ? [] : [services])]
  if (identity.length > 0) {
    if (config.DURE_IDENTITY === 'none') contradiction()
    return { identity, credentials }
  }
  const warning = config.DURE_IDENTITY === undefined ? mustBeMeant(system, config) : undefined
  return { identity: undefined, credentials, warning }
}

function mustBeMeant(system: System, { NODE_ENV, HOST }: Config): Warning | undefined {
  if (NODE_ENV === 'production') {
    const error = fault('DURE_IDENTITY_MISSING', { system: system.name })
    if (decidesAccess(system)) throw error
    const message =
      'everybody may do everything: nothing says who callers are, and the model not who may do what'
    return [message, { system: system.name, code: error.code }]
  }
  if (NODE_ENV !== 'development' || /^(127\.|::1$|localhost$)/.test(HOST)) return undefined
  return ['in development whoever reaches this address may do everything', { host: HOST }]
}

function usersFrom(config: Config): readonly Identity[] {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience } = config
  const set = Object.entries(config).filter(([name, it]) => name.startsWith('OIDC_') && it !== undefined)
  if (set.length === 0) return []
  if (issuer === undefined || audience === undefined) {
    const missing = issuer === undefined ? 'OIDC_ISSUER' : 'OIDC_AUDIENCE'
    throw fault('DURE_CONFIG_INVALID', { problems: [`${missing}: is missing, and ${set[0]?.[0]} is set`] })
  }
  const { OIDC_JWKS_URI: jwksUri, OIDC_ACTOR: actor, OIDC_ROLES: roles, OIDC_TENANT: tenant } = config
  return [
    oidc({
      issuer,
      audience: audience.split(',').map((it) => it.trim()),
      ...(jwksUri !== undefined && { jwksUri }),
      ...(actor !== undefined && { actor }),
      ...(roles !== undefined && { roles }),
      ...(tenant !== undefined && { tenant }),
      allowHttp: config.NODE_ENV !== 'production',
    }),
  ]
}

function servicesFrom(
  { DURE_SERVICE_KEY: key, DURE_SERVICE_PEERS: peers }: Config,
  [name]: readonly string[],
): ServiceTokens | undefined {
  if (key === undefined && peers === undefined) return undefined
  return serviceTokens({
    peers: (peers ?? {}) as Readonly<Record<string, Key>>,
    ...(key !== undefined && { key }),
    ...(name !== undefined && { name }),
  })
}

function listOf(given: Identity | readonly Identity[]): readonly Identity[] {
  return 'start' in given ? [given] : given
}

function contradiction(): never {
  const problems = ['DURE_IDENTITY: it is none, and something else says who callers are']
  throw fault('DURE_CONFIG_INVALID', { problems })
}
