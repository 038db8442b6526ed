import type { ErrorCode } from '../../kernel/errors/catalogue.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { System } from '../system.ts'

/** One thing that is wrong with a model. `code` is of the error catalogue: `dure explain CODE` says more. */
export interface Finding {
  readonly code: ErrorCode
  /** An error cannot work, or breaks a rule that the model itself states; a warning may be meant. */
  readonly level: 'error' | 'warning'
  /** `Ordering, policy "reserve stock"`. */
  readonly where: string
  readonly message: string
  readonly fix: string
}

/** One rule: a pure function of the model. */
export type Rule = (system: System) => Iterable<Finding>

/** Makes a finding with the words of the catalogue. */
export function finding<C extends ErrorCode>(
  code: C,
  where: string,
  details: Parameters<typeof fault<C>>[1],
  level: Finding['level'] = 'error',
): Finding {
  const { message, hint } = fault(code, details)
  return { code, level, where, message, fix: hint }
}
