/** PostgreSQL's text form of an array of texts. */
export function textArray(values: readonly (string | null | undefined)[]): string {
  let text = '{'
  for (const value of values) {
    if (text.length > 1) text += ','
    text += value === null || value === undefined ? 'null' : `"${escaped(value)}"`
  }
  return `${text}}`
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
