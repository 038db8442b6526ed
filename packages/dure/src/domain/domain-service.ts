import { checkName } from '../kernel/names.ts'

/** A domain service: a named, pure function of the domain that belongs to no single aggregate. */
export interface DomainService<N extends string, F> {
  readonly kind: 'domain-service'
  readonly domainName: N
  readonly '~function'?: F
}

/**
 * Names an operation of the domain that is the duty of no entity or value object (Evans, Domain-Driven Design, ch. 5).
 * The result is the function itself; the name puts it into the model's pictures and documents.
 */
export function domainService<const N extends string, A extends readonly unknown[], R>(
  name: N,
  operation: (...args: A) => R,
): ((...args: A) => R) & DomainService<N, (...args: A) => R> {
  checkName('A domain service', name)
  const service = (...args: A): R => operation(...args)
  return Object.assign(service, { kind: 'domain-service', domainName: name } as const)
}
