/** A failure the reader can act on: printed as it is, without a stack. */
export class Complaint extends Error {
  constructor(code, what, next) {
    super(`${code}: ${what}\n  ${next}`)
    this.code = code
  }
}
