/** PostgreSQL's text form of an array of texts. */
export function textArray(values: readonly (string | null | undefined)[]): string {
  let text = ''
  for (const value of values) text += textElement(value)
  return `{${text.slice(1)}}`
}

/** One of them, after a comma. */
export function textElement(value: string | null | undefined): string {
  return value === null || value === undefined ? ',null' : `,"${escaped(value)}"`
}

/** The same of numbers and truth values. */
export function plainArray(values: readonly (number | boolean)[]): string {
  return `{${values.join(',')}}`
}

const special = /["\\]/
const specialEach = /["\\]/g

function escaped(value: string): string {
  return special.test(value) ? value.replace(specialEach, '\\$&') : value
}
