/** Meters whose readings are published; each reading has a number that no other has. */
export const METERS = 500
/** Makes an event's data about 170 bytes of JSON, the usual size of one. */
export const NOTE =
  'read at the counter in the cellar of the house in the Long Road by the service of the works, in the presence of the caretaker and nobody else at all'

export const meterOf = (reading) => `meter-${String(reading % METERS).padStart(4, '0')}`
/** The version of the meter that a reading makes, when readings come in order from 0. */
export const versionOf = (reading) => Math.floor(reading / METERS) + 1
export const dataOf = (reading) => ({ reading, note: NOTE })
