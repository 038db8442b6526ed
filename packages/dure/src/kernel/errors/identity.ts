import { entry } from './entry.ts'

/** Errors of identity and authorisation. */
export const identityErrors = {
  DURE_UNAUTHENTICATED: entry<{ context: string; what: string }>({
    kind: 'unauthenticated',
    about:
      'Nobody is signed in, and the command or query is not for everyone. Told before the input is looked at.',
    message: (d) => `The ${d.what} of ${d.context} is not for everyone, and nobody is signed in.`,
    hint: () => 'Sign in, and send the token as: authorization: Bearer <token>.',
  }),
  DURE_FORBIDDEN: entry<{ context: string; what: string }>({
    kind: 'forbidden',
    about:
      'Who asks may not use the command or query. It is the `allow` of the model that says so. What an owner alone may see is answered as if it did not exist, not with this.',
    message: (d) => `This caller may not use the ${d.what} of ${d.context}.`,
    hint: () => 'dure check --routes says who may; the roles of the caller come from its token.',
  }),
  DURE_CREDENTIALS_REFUSED: entry<{ reason: string }>({
    kind: 'unauthenticated',
    about:
      'The credentials of the request are not believed: a token that is expired, not yet valid, of another issuer or for another audience, not signed by a key of its issuer, or not a token at all. Who sends such a thing is not taken for a stranger, but refused.',
    message: (d) => `The credentials are refused: ${d.reason}.`,
    hint: () => 'Get a new token from the issuer that the service trusts, for its audience.',
  }),
  DURE_IDENTITY_UNAVAILABLE: entry<{ issuer: string; reason: string }>({
    kind: 'unavailable',
    about:
      'The keys of an issuer cannot be had: they cannot be fetched, and those that are known are too old to go on with, or there are none. So nobody can tell whether a token is right; requests without one are not concerned.',
    message: (d) => `The keys of ${d.issuer} cannot be had: ${d.reason}.`,
    hint: () =>
      'See whether the issuer answers, from where this process runs; requests are served again when it does.',
  }),
  DURE_IDENTITY_INVALID: entry<{ what: string; reason: string }>({
    kind: 'misuse',
    about: 'What says who callers are cannot work as it is configured.',
    message: (d) => `${d.what} cannot be used: ${d.reason}.`,
    hint: () => 'Correct it; docs/guides/identity.md shows each.',
  }),
  DURE_IDENTITY_MISSING: entry<{ system: string }>({
    kind: 'misuse',
    about:
      'The model says who may do what, and in production nothing says who callers are: nobody could do anything but what is for everyone.',
    message: (d) => `${d.system} says who may do what, and nothing says who callers are.`,
    hint: () =>
      'Set OIDC_ISSUER and OIDC_AUDIENCE, or pass `identity` to run(…); DURE_IDENTITY=none if all callers are to be anonymous.',
  }),
  DURE_ACCESS_UNDECIDED: entry<{ system: string; undecided: readonly string[] }>({
    kind: 'misuse',
    about:
      'Callers have an identity, and commands or queries do not say who may use them. What does not say it is refused, so the process does not start with it.',
    message: (d) =>
      `${d.system} knows its callers, but does not say who may use ${d.undecided.slice(0, 5).join(', ')}${d.undecided.length > 5 ? ` and ${d.undecided.length - 5} more` : ''}.`,
    hint: () =>
      'Say it in `allow`, of the aggregate’s command or of .implements({…}); `everyone` is a decision too.',
  }),
} as const
