/**
 * Freezes objects and lists in place, all the way down to what is frozen already, so that freezing again after a small
 * change costs little. Dates and bytes cannot be frozen.
 */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (value instanceof Date || ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) for (const it of value) frozen(it)
  else for (const it of Object.values(value)) frozen(it)
  return Object.freeze(value)
}
