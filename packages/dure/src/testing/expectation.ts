/** A test's expectation that did not hold. Runners show `expected` and `actual` as a diff. */
export class ExpectationFailed extends Error {
  // What node:test, vitest, jest and mocha look for before they print a diff.
  readonly code = 'ERR_ASSERTION'
  readonly showDiff = true
  readonly operator = 'deepStrictEqual'
  readonly expected: unknown
  readonly actual: unknown

  constructor(message: string, expected?: unknown, actual?: unknown) {
    super(message)
    this.name = 'AssertionError'
    this.expected = expected
    this.actual = actual
  }
}
