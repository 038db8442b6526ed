/** Runs this bootstrap and npm. */
export const FLOOR_TO_BOOTSTRAP = '20.19.0'

/** Strips types without a flag: what the sources, the tests and the published package need. */
export const FLOOR_TO_RUN = '22.18.0'

/** Whether `version` (with or without a leading v) is `floor` or newer; a pre-release counts as its release. */
export function atLeast(version, floor) {
  const have = numbers(version)
  const need = numbers(floor)
  for (let i = 0; i < need.length; i++) {
    if (have[i] !== need[i]) return have[i] > need[i]
  }
  return true
}

function numbers(version) {
  const [major = 0, minor = 0, patch = 0] = version
    .replace(/^v/, '')
    .split('.')
    .map((part) => parseInt(part, 10))
  return [major, minor, patch]
}
