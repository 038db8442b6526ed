/** The oldest Node that runs TypeScript without a flag and without a warning; package.json says the same. */
export const NEEDED_NODE = '22.18'

/** What to tell the user of a Node that is too old; undefined where it is not. */
export function lackOf(node: string): string | undefined {
  const [major = 0, minor = 0] = numbersOf(node)
  const [neededMajor = 0, neededMinor = 0] = numbersOf(NEEDED_NODE)
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return undefined
  return `dure needs Node ${NEEDED_NODE} or newer, and this is Node ${node}.`
}

function numbersOf(version: string): readonly number[] {
  return version.split('.').map(Number)
}
